import { Transform } from 'class-transformer';
import { Count, JsonObject, ListOf, OneOf, Text } from '../../http/fields.js';
import { ProseClauseShape } from '../negotiation/negotiation.dto.js';

/** Which version of a template is meant. */
export class TemplateQuery {
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' && /^\d+$/.test(value) ? +value : value))
  @Count({ description: 'The version; left out, the newest.', min: 1, optional: true, example: 1 })
  version?: number;
}

/** Asks for the text of a template with its parameters put in. */
export class DraftFromTemplate {
  @Count({ description: 'The version; left out, the newest.', min: 1, optional: true, example: 1 })
  version?: number;

  @JsonObject({ description: 'A value for each parameter of the template, by its name; no others.' })
  parameters!: Record<string, unknown>;
}

/** Something that an agreement settles for itself. */
export class TemplateParameterShape {
  @Text({ description: 'Its name.', example: 'networks' })
  name!: string;

  @Text({ description: 'What it settles.' })
  meaning!: string;

  @Text({ description: 'What a right value looks like.', max: 1000 })
  expected!: string;
}

/** A template without its text. */
export class TemplateSummary {
  @Text({ description: 'What it is called in requests.', example: 'joint-exercise' })
  name!: string;

  @Count({ description: 'Its version; the highest of a name is the newest.', min: 1 })
  version!: number;

  @Text({ description: 'Its title.' })
  title!: string;

  @Text({ description: 'What the agreement is for.', max: 2000 })
  about!: string;

  @Text({ description: 'Who takes it.', max: 1000 })
  forWhom!: string;

  @Text({ description: 'What must be so for it to fit.', max: 1000 })
  presumes!: string;

  @OneOf(['standard', 'high'], { description: 'The tier of approval that an agreement made from it takes.' })
  tier!: string;

  @Count({ description: 'The longest term that it is made for, in days.', min: 1 })
  longestTermDays!: number;

  @ListOf(() => TemplateParameterShape, { description: 'What to settle, in the order in which it is asked.' })
  parameters!: TemplateParameterShape[];
}

/** Every template. */
export class TemplateList {
  @ListOf(() => TemplateSummary, { description: 'Every version of each, by name, the newest version last.' })
  data!: TemplateSummary[];
}

/** A clause whose parameters are still open, such as `{{networks}}`. */
export class TemplateClauseShape extends ProseClauseShape {
  @JsonObject({ description: 'The blocks of terms that the clause governs; empty for prose alone.' })
  terms!: Record<string, unknown>;
}

/** A template with its text. */
export class TemplateAnswer extends TemplateSummary {
  @ListOf(() => TemplateClauseShape, { description: 'Prose and terms side by side, in reading order.', max: 200 })
  clauses!: TemplateClauseShape[];

  @JsonObject({ description: 'Parameters that would do; change them to your own.' })
  example!: Record<string, unknown>;
}
