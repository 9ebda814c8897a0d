import { applyDecorators, Type } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type as Instantiate } from 'class-transformer';
import * as rules from 'class-validator';
import { parseInstant } from '../kernel/instants.js';
import { isId } from '../kernel/ids.js';
import { rememberField } from './shown.js';

/**
 * The decorators with which a shape is written once: each composes the validation, the OpenAPI schema and the
 * allow-list of answers, so that the three cannot disagree. `description` is the field's public documentation.
 */
export interface FieldOptions {
  description: string;
  example?: unknown;
  /** May be left out. */
  optional?: boolean;
  /** May be null. */
  nullable?: boolean;
}

interface Shape {
  api: ApiPropertyOptions;
  /** What a right value looks like, in words; every refusal of this field says it. */
  expected: string;
  rules: (message: { message: string; each?: boolean }) => PropertyDecorator[];
  type?: () => Type;
  list?: boolean;
}

function field(options: FieldOptions, shape: Shape): PropertyDecorator {
  const { description, example, optional = false, nullable = false } = options;
  const api = { ...shape.api, description, example, required: !optional, nullable } as ApiPropertyOptions;
  const present: PropertyDecorator = (target, name) =>
    rules.ValidateIf((dto: Record<string | symbol, unknown>) => {
      const value = dto[name];
      return !((optional && value === undefined) || (nullable && value === null));
    })(target, name);
  return applyDecorators(
    ApiProperty(api),
    present,
    ...shape.rules({ message: shape.expected }),
    rememberField(shape.type),
  );
}

// PostgreSQL keeps no NUL, and other control characters have no business in a name or a reason.
// oxlint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;

function isCleanText(value: unknown): boolean {
  return typeof value === 'string' && value.isWellFormed() && !control.test(value);
}

function satisfies(name: string, test: (value: unknown) => boolean, options: rules.ValidationOptions) {
  return rules.ValidateBy({ name, validator: { validate: test } }, options);
}

/** A text in NFC of `min` (1) to `max` (200) characters; `pattern` narrows it. */
export function Text(
  options: FieldOptions & { min?: number; max?: number; pattern?: RegExp; patternWords?: string },
): PropertyDecorator {
  const { min = 1, max = 200, pattern, patternWords } = options;
  const expected = `a text of ${min} to ${max} characters${patternWords ? `, ${patternWords}` : ''}`;
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => inNfc(value)),
    field(options, {
      api: { type: 'string', minLength: min, maxLength: max, ...(pattern && { pattern: pattern.source }) },
      expected,
      rules: (message) => [
        satisfies('text', isCleanText, message),
        rules.Length(min, max, message),
        ...(pattern ? [rules.Matches(pattern, message)] : []),
      ],
    }),
  );
}

/** A line break in an address would be one in a letter's head. */
const lineBreak = /[\t\r\n]/;

/** A text in NFC, so that two that look alike are one; anything else as it is. */
function inNfc(value: unknown): unknown {
  return typeof value === 'string' ? value.normalize('NFC') : value;
}

/** An e-mail address, kept in lower case and in NFC. */
export function Email(options: FieldOptions): PropertyDecorator {
  return applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? value.normalize('NFC').toLowerCase() : value,
    ),
    field(options, {
      api: { type: 'string', format: 'email', maxLength: 254 },
      expected: 'an e-mail address',
      rules: (message) => [
        satisfies('oneLine', (value) => isCleanText(value) && !lineBreak.test(value as string), message),
        rules.IsEmail({}, message),
        rules.MaxLength(254, message),
      ],
    }),
  );
}

/** A whole number from `min` (0) to `max` (2^53−1). */
export function Count(options: FieldOptions & { min?: number; max?: number }): PropertyDecorator {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  return field(options, {
    api: { type: 'integer', format: 'int64', minimum: min, maximum: max },
    expected: `a whole number from ${min} to ${max}`,
    rules: (message) => [rules.IsInt(message), rules.Min(min, message), rules.Max(max, message)],
  });
}

/** An instant, RFC 3339 in UTC with `Z`. */
export function Instant(options: FieldOptions): PropertyDecorator {
  return field(options, {
    api: { type: 'string', format: 'date-time' },
    expected: 'an instant in UTC such as 2026-11-22T10:00:00Z',
    rules: (message) => [
      satisfies('instant', (value) => typeof value === 'string' && parseInstant(value) !== null, message),
    ],
  });
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && parseInstant(`${value}T00:00:00Z`) !== null;
}

/** A calendar date, `YYYY-MM-DD`. */
export function CalendarDate(options: FieldOptions): PropertyDecorator {
  return field(options, {
    api: { type: 'string', format: 'date' },
    expected: 'a date such as 2026-11-22',
    rules: (message) => [satisfies('date', isDate, message)],
  });
}

/** The id of another row. */
export function Id(options: FieldOptions): PropertyDecorator {
  return field(options, {
    api: { type: 'string', format: 'uuid' },
    expected: 'an id as this API gives them, a UUID',
    rules: (message) => [satisfies('id', (value) => typeof value === 'string' && isId(value), message)],
  });
}

/** One of a closed list of words. */
export function OneOf(values: readonly string[], options: FieldOptions): PropertyDecorator {
  return field(options, {
    api: { type: 'string', enum: [...values] },
    expected: `one of: ${values.join(', ')}`,
    rules: (message) => [rules.IsIn([...values], message)],
  });
}

/** Yes or no. */
export function Flag(options: FieldOptions): PropertyDecorator {
  return field(options, {
    api: { type: 'boolean' },
    expected: 'true or false',
    rules: (message) => [rules.IsBoolean(message)],
  });
}

/** A statement that must be affirmed. */
export function TrueOnly(options: FieldOptions): PropertyDecorator {
  return field(options, {
    api: { type: 'boolean', enum: [true] },
    expected: 'true, which affirms the statement',
    rules: (message) => [rules.Equals(true, message)],
  });
}

// Swagger takes a function for a lazy type by its name alone, so each is written in place, where it is named `type`.
/** Another shape inside this one. */
export function Nested(type: () => Type, options: FieldOptions): PropertyDecorator {
  return applyDecorators(
    Instantiate(type),
    field(options, {
      api: { type: () => type() },
      expected: 'an object of the documented shape',
      type,
      rules: (message) => [rules.IsObject(message), rules.ValidateNested(message)],
    }),
  );
}

/** A list of other shapes, `min` (0) to `max` (100) of them. */
export function ListOf(type: () => Type, options: FieldOptions & { min?: number; max?: number }): PropertyDecorator {
  const { min = 0, max = 100 } = options;
  return applyDecorators(
    Instantiate(type),
    field(options, {
      api: { type: () => type(), isArray: true, minItems: min, maxItems: max },
      expected: `a list of ${min} to ${max} objects of the documented shape`,
      type,
      rules: (message) => [
        rules.IsArray(message),
        rules.ArrayMinSize(min, message),
        rules.ArrayMaxSize(max, message),
        // An inner list passes ValidateNested, so each member is held to be an object first.
        rules.IsObject({ ...message, each: true }),
        rules.ValidateNested({ ...message, each: true }),
      ],
    }),
  );
}

/** A list of different texts, each of 1 to `length` (200) characters or one of `values`. */
export function ListOfTexts(
  options: FieldOptions & { values?: readonly string[]; min?: number; max?: number; length?: number },
): PropertyDecorator {
  const { values, min = 0, max = 100, length = 200 } = options;
  const member = values
    ? (value: unknown) => values.includes(value as string)
    : (value: unknown) => isCleanText(value) && (value as string).length > 0 && (value as string).length <= length;
  const words = values ? `of: ${values.join(', ')}` : `texts of 1 to ${length} characters`;
  const list = field(options, {
    api: {
      type: 'string',
      isArray: true,
      minItems: min,
      maxItems: max,
      uniqueItems: true,
      ...(values ? { enum: [...values] } : {}),
    },
    expected: `a list of ${min} to ${max} different ${words}`,
    rules: (message) => [
      rules.IsArray(message),
      rules.ArrayMinSize(min, message),
      rules.ArrayMaxSize(max, message),
      rules.ArrayUnique(message),
      satisfies('members', member, { ...message, each: true }),
    ],
  });
  return applyDecorators(
    Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(inNfc) : value)),
    list,
  );
}

/** A JSON object whose shape another schema holds, such as an agreement's terms. */
export function JsonObject(options: FieldOptions): PropertyDecorator {
  return field(options, {
    api: { type: 'object', additionalProperties: true },
    expected: 'a JSON object',
    rules: (message) => [rules.IsObject(message)],
  });
}
