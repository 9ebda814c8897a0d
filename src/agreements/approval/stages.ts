import { Actor } from '../../kernel/actor.js';
import { ApprovalTier } from '../../terms/tier.js';
import { ApprovalStage } from './agreement-approval.entity.js';

/** The stages that a tier of approval asks for. */
export function stagesOf(tier: ApprovalTier): ApprovalStage[] {
  return tier === 'high' ? ['approver', 'legal', 'compliance_lead'] : ['approver'];
}

/** Whether an actor may speak for a stage: compliance for its own, approvers for the other two. */
export function speaksFor({ roles }: Pick<Actor, 'roles'>, stage: ApprovalStage): boolean {
  return roles.includes(stage === 'compliance_lead' ? 'compliance' : 'approver');
}
