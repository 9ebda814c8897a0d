import { Body, Post, Type } from '@nestjs/common';
import { Actor } from '../../kernel/actor.js';
import { ProblemCode } from '../../kernel/problems.js';
import { By } from '../../http/by.js';
import { Answers, IdParam, Permit } from '../../http/route.js';
import { ApproveText, CounterProposal, GiveReason, NameDigest, SignText, WriteRevision } from './negotiation.dto.js';
import { NegotiatedText } from './negotiated-text.js';
import { TextCommands } from './text-commands.js';

export const commandProblems: readonly ProblemCode[] = [
  'invalid_request',
  'not_found',
  'move_not_allowed',
  'version_mismatch',
];

const created = (...more: ProblemCode[]) => ({ status: 201, problems: [...commandProblems, ...more] });

/** The routes by which a text is written and answered. */
function negotiationRoutes<View extends object>(thing: 'agreement' | 'amendment', shape: Type) {
  abstract class NegotiationRoutes {
    constructor(protected readonly commands: TextCommands<NegotiatedText, View>) {}

    @Post(':id/revisions')
    @Permit(`${thing}.revise`)
    @Answers('Write the next revision of a draft; it becomes the text at hand.', shape, created())
    revise(@By() actor: Actor, @IdParam() id: string, @Body() body: WriteRevision): Promise<View> {
      return this.commands.revise(actor, id, body);
    }

    @Post(':id/proposal')
    @Permit(`${thing}.propose`)
    @Answers('Propose the draft to the partner, whose turn it then is.', shape, created())
    propose(@By() actor: Actor, @IdParam() id: string): Promise<View> {
      return this.commands.propose(actor, id);
    }

    @Post(':id/counter-proposals')
    @Permit(`${thing}.counter_propose`)
    @Answers('Answer the newest revision with another one.', shape, created('not_your_turn', 'stale_base'))
    counterPropose(@By() actor: Actor, @IdParam() id: string, @Body() body: CounterProposal): Promise<View> {
      return this.commands.counterPropose(actor, id, body);
    }

    @Post(':id/acceptance')
    @Permit(`${thing}.accept`)
    @Answers(
      'Accept the other party’s newest revision by its digest.',
      shape,
      created('digest_mismatch', 'not_your_turn'),
    )
    accept(@By() actor: Actor, @IdParam() id: string, @Body() body: NameDigest): Promise<View> {
      return this.commands.accept(actor, id, body.digest);
    }

    @Post(':id/decline')
    @Permit(`${thing}.decline`)
    @Answers('Decline before execution, as the partner.', shape, created())
    decline(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<View> {
      return this.commands.end(actor, id, 'decline', body.reason);
    }

    @Post(':id/withdrawal')
    @Permit(`${thing}.withdraw`)
    @Answers('Withdraw before execution, as the lab.', shape, created())
    withdraw(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<View> {
      return this.commands.end(actor, id, 'withdraw', body.reason);
    }
  }
  return NegotiationRoutes;
}

/**
 * The routes by which a text is negotiated, approved and signed, once for agreements and once for amendments: the same
 * nouns, the same bodies, each with its own permissions and its own answer.
 */
export function textRoutes<View extends object>(thing: 'agreement' | 'amendment', shape: Type) {
  abstract class TextRoutes extends negotiationRoutes<View>(thing, shape) {
    @Post(':id/return')
    @Permit(`${thing}.return`)
    @Answers('Return an accepted text to the lab’s negotiators instead of approving it.', shape, created())
    return(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<View> {
      return this.commands.return(actor, id, body.reason);
    }

    @Post(':id/approvals')
    @Permit(`${thing}.approve`)
    @Answers(
      'Approve the text at hand for one stage; not by an author of any revision.',
      shape,
      created('digest_mismatch', 'separation_of_duties', 'already_exists'),
    )
    approve(@By() actor: Actor, @IdParam() id: string, @Body() body: ApproveText): Promise<View> {
      return this.commands.approve(actor, id, body);
    }

    @Post(':id/signature')
    @Permit(`${thing}.sign`)
    @Answers(
      'Sign for the partner.',
      shape,
      created('digest_mismatch', 'already_exists', 'reauthentication_required', 'no_authority_to_sign'),
    )
    sign(@By() actor: Actor, @IdParam() id: string, @Body() body: SignText): Promise<View> {
      return this.commands.sign(actor, id, body);
    }

    @Post(':id/countersignature')
    @Permit(`${thing}.countersign`)
    @Answers('Sign for the lab, which executes the text.', shape, {
      ...created('digest_mismatch', 'reauthentication_required'),
      receipt: true,
    })
    countersign(@By() actor: Actor, @IdParam() id: string, @Body() body: SignText): Promise<View> {
      return this.commands.countersign(actor, id, body);
    }

    @Post(':id/reopening')
    @Permit(`${thing}.reopen`)
    @Answers('Open a text again that is out for signature: its signatures are void, and kept.', shape, created())
    reopen(@By() actor: Actor, @IdParam() id: string, @Body() body: GiveReason): Promise<View> {
      return this.commands.reopen(actor, id, body.reason);
    }
  }
  return TextRoutes;
}
