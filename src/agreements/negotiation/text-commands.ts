import { Inject } from '@nestjs/common';
import { Actor } from '../../kernel/actor.js';
import { Fault, Refusal } from '../../kernel/refusal.js';
import { invalid } from '../../http/validation.js';
import { Change } from '../../audit/change.js';
import { Changes } from '../../audit/changes.js';
import { ApprovalStage } from '../approval/agreement-approval.entity.js';
import { ApprovalsService } from '../approval/approvals.service.js';
import { AgreementSignature } from '../signing/agreement-signature.entity.js';
import { SignaturesService } from '../signing/signatures.service.js';
import { AgreementRevision } from './agreement-revision.entity.js';
import { NegotiatedText, signatureWindow } from './negotiated-text.js';
import { ApproveText, CounterProposal, SignText, WriteRevision } from './negotiation.dto.js';
import { checked, CheckedText, RevisionsService } from './revisions.service.js';
import { keepMove } from './transitions.js';

/** The commands that sign a text, which must come while there is time for it. */
const signing = new Set(['sign', 'countersign', 'acknowledge']);

/** What a command leaves in the log; `reason` also stands in the history that both parties read. */
export type Told = Record<string, unknown> & { reason?: string };

/**
 * The commands that every negotiated text takes, each one change that holds the text. What differs between an
 * agreement and an amendment (how it is held, checked, approved and executed) is what the subclasses say.
 */
export abstract class TextCommands<T extends NegotiatedText, View> {
  // Injected into the fields, so that each subclass asks in its constructor for what is its own.
  @Inject() private readonly changes!: Changes;
  @Inject() protected readonly revisions!: RevisionsService;
  @Inject() private readonly approvals!: ApprovalsService;
  @Inject() protected readonly signatures!: SignaturesService;

  /** Holds the text, and before it the agreement that it is of. */
  protected abstract hold(change: Change, id: string): Promise<T>;
  /** What is wrong with a draft beyond its terms, each fault with its pointer. */
  protected abstract faultsOf(change: Change, text: T, draft: CheckedText): Promise<Fault[]>;
  protected abstract stagesFor(text: T, head: AgreementRevision): readonly ApprovalStage[];
  /** Makes the version that the signatures are of, with all that follows from it. */
  protected abstract execute(change: Change, text: T, signatures: AgreementSignature[]): Promise<Told>;
  protected abstract viewIn(change: Change, text: T): Promise<View>;

  /** Writes the next revision of a draft. */
  revise(actor: Actor, id: string, draft: WriteRevision): Promise<View> {
    return this.command(actor, id, 'revise', (change, text) => this.write(change, text, draft));
  }

  /** Proposes the draft to the partner, whose turn it then is. */
  propose(actor: Actor, id: string): Promise<View> {
    return this.command(actor, id, 'propose', (_change, text) => {
      text.show();
      text.passTurn(actor);
      return { digest: text.headDigest };
    });
  }

  /** Answers the newest revision with another one: `not_your_turn`, or `stale_base` for an answer to an older one. */
  counterPropose(actor: Actor, id: string, proposal: CounterProposal): Promise<View> {
    return this.command(actor, id, 'counter_propose', async (change, text) => {
      text.assertTurn(actor);
      if (proposal.baseDigest !== text.headDigest) {
        throw new Refusal('stale_base', undefined, { pointer: '/baseDigest', expected: text.headDigest });
      }
      const told = await this.write(change, text, proposal, proposal.message);
      text.passTurn(actor);
      return told;
    });
  }

  /** Accepts the newest revision by its digest, as the party that did not write it. */
  accept(actor: Actor, id: string, digest: string): Promise<View> {
    return this.command(actor, id, 'accept', (_change, text, turn) => {
      if (turn !== actor.side) throw new Refusal('not_your_turn', `The ${turn} answers next.`);
      if (text.headSide === actor.side) throw new Refusal('not_your_turn', 'Your own party wrote this revision.');
      text.assertHead(digest);
      text.round += 1;
      return { digest, round: text.round };
    });
  }

  /** A command that ends the text before execution, with its reason. */
  end(actor: Actor, id: string, command: 'decline' | 'withdraw', reason: string): Promise<View> {
    return this.command(actor, id, command, () => ({ reason }));
  }

  /** Sends an accepted text back to the lab's negotiators instead of approving it. */
  return(actor: Actor, id: string, reason: string): Promise<View> {
    return this.command(actor, id, 'return', (_change, text) => {
      text.turn = 'lab';
      return { reason };
    });
  }

  /** Opens a text again that is out for signature. Signatures given so far are void from then on, and kept. */
  reopen(actor: Actor, id: string, reason: string): Promise<View> {
    return this.command(actor, id, 'reopen', async (change, text) => {
      text.reopenedBy(actor);
      const voided = await this.signatures.ofRound(change.manager, text);
      return { reason, voided: voided.map((signature) => signature.id) };
    });
  }

  /** Approves the text at hand for one stage; the last approval that is asked for releases it for signature. */
  approve(actor: Actor, id: string, body: ApproveText): Promise<View> {
    return this.changes.run(actor, async (change) => {
      const text = await this.hold(change, id);
      let complete = false;
      await this.step(change, text, 'approve', async () => {
        const stages = this.stagesFor(text, await this.revisions.head(change, text));
        complete = await this.approvals.give(change, text, body, stages);
        return { digest: body.digest, stage: body.stage };
      });
      if (complete) {
        await this.step(change, text, 'release', () => {
          text.signBy = new Date(change.at.getTime() + signatureWindow);
          return { digest: body.digest, signBy: text.signBy };
        });
      }
      return this.viewIn(change, text);
    });
  }

  /** Signs for the evaluator. */
  sign(actor: Actor, id: string, body: SignText): Promise<View> {
    return this.command(actor, id, 'sign', async (change, text) => {
      const { method } = await this.signatures.sign(change, text, body, 'evaluator');
      return { digest: body.digest, party: 'evaluator', method };
    });
  }

  /** Signs for the lab, which executes the text and seals the evidence. Where both sign, the partner does so first. */
  countersign(actor: Actor, id: string, body: SignText): Promise<View> {
    return this.command(actor, id, 'countersign', async (change, text) => {
      const partners = await this.signatures.ofRound(change.manager, text);
      const own = await this.signatures.sign(change, text, body, 'provider');
      return this.execute(change, text, [...partners, own]);
    });
  }

  /** Runs one command as one change. `tell` is given the turn as it was before the move. */
  protected command(
    actor: Actor,
    id: string,
    command: string,
    tell: (change: Change, text: T, turn: T['turn']) => Told | Promise<Told>,
  ): Promise<View> {
    return this.changes.run(actor, async (change) => {
      const text = await this.hold(change, id);
      const { turn } = text;
      await this.step(change, text, command, () => tell(change, text, turn));
      return this.viewIn(change, text);
    });
  }

  /** Makes one move within a change: the table first, then the rule, then what is left behind. */
  protected async step(change: Change, text: T, command: string, tell: () => Told | Promise<Told>): Promise<void> {
    const { state } = text;
    if (signing.has(command)) text.assertInTime(change.at);
    const event = text.move(command);
    const told = await tell();
    await change.save(text);
    await keepMove(change, text, { command, from: state, reason: told.reason ?? null });
    await change.record(event, text.subject, told);
  }

  /** Checks a draft and adds it as the newest revision. */
  protected async write(change: Change, text: T, draft: WriteRevision, message?: string): Promise<Told> {
    const whole = checked(draft);
    const faults = await this.faultsOf(change, text, whole);
    if (faults.length > 0) throw invalid(faults);
    const revision = await this.revisions.add(change, text, whole, message ?? null);
    await change.save(revision);
    return { number: revision.number, digest: revision.digest };
  }
}
