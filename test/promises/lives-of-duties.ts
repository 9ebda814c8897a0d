import { Obligation, ObligationCommand } from '../../src/agreements/obligations/obligation.entity.js';
import { PublicationReview, ReviewCommand } from '../../src/agreements/publications/publication-review.entity.js';
import { actor, at, Life, told } from './life.js';

/** The lives of what a partner owes and of what it wants to publish. */
export const dutiesLives: Record<string, Life> = {
  obligation: {
    moves: Obligation.moves,
    give: (state, command) => {
      const waiverProposedBy = command === 'confirm_waiver' ? 'grace' : null;
      const obligation = Object.assign(new Obligation(), { state, ownerId: actor.id, waiverProposedBy });
      const commands: Record<ObligationCommand, () => string> = {
        assign: () => obligation.assign('grace'),
        submit: () => obligation.submit(actor),
        accept: () => obligation.decide('accept', actor, at, null),
        return: () => obligation.decide('return', actor, at, 'A reason'),
        propose_waiver: () => obligation.proposeWaiver(actor, 'A reason'),
        confirm_waiver: () => obligation.confirmWaiver(actor),
      };
      return told(obligation, commands[command as ObligationCommand]);
    },
    reviewed: {
      open: { assign: 'open', submit: 'submitted', propose_waiver: 'open', confirm_waiver: 'waived' },
      submitted: { accept: 'accepted', return: 'open', propose_waiver: 'submitted', confirm_waiver: 'waived' },
      accepted: {},
      waived: {},
    },
  },
  publication_review: {
    moves: PublicationReview.moves,
    give: (state, command) => {
      const reviewBy = new Date(at.getTime() + 1);
      const facts = { state, submittedBy: actor.id, reviewBy, extendedAt: null };
      const review = Object.assign(new PublicationReview(), facts);
      const commands: Record<ReviewCommand, () => string> = {
        extend: () => review.extend('A reason', reviewBy, at),
        object: () => review.object(at),
        clear: () => review.clear(at),
        withdraw: () => review.withdraw(actor, at),
      };
      return told(review, commands[command as ReviewCommand]);
    },
    reviewed: {
      under_review: { extend: 'under_review', object: 'objected', clear: 'cleared', withdraw: 'withdrawn' },
      objected: { object: 'objected', clear: 'cleared', withdraw: 'withdrawn' },
      cleared: {},
      withdrawn: {},
    },
  },
};
