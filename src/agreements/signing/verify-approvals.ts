import { Finding } from '../../audit/verdict.js';

interface Approval {
  stage: string;
  approverId: string;
  onBehalfOf?: string | null;
  delegationId?: string | null;
  digest: string;
  approvedAt: string;
}

interface Delegation {
  id: string;
  stage: string;
  delegatorId: string;
  delegateId: string;
  from: string;
  until: string;
}

/** The part of a bundle that shows who approved. */
export interface SealedApprovals {
  digest: string;
  approvals: Approval[];
  delegations?: Delegation[];
}

/** Whether the approvals are of the digest, each of another person, and whoever stood in was asked to. */
export function approvalFindings({ digest, approvals, delegations = [] }: SealedApprovals): Finding[] {
  const people = approvals.flatMap(({ approverId, onBehalfOf }) => [approverId, ...(onBehalfOf ? [onBehalfOf] : [])]);
  const stages = new Set(approvals.map(({ stage }) => stage));
  const delegated = approvals.filter(({ onBehalfOf }) => onBehalfOf);
  return [
    {
      says: 'Every approval is of this digest, of another stage and of another person.',
      holds:
        approvals.length > 0 &&
        stages.size === approvals.length &&
        new Set(people).size === people.length &&
        approvals.every((approval) => approval.digest === digest),
    },
    ...(delegated.length === 0
      ? []
      : [
          {
            says: 'Whoever approved for another person had that stage delegated to them at that time.',
            holds: delegated.every((approval) => delegations.some((delegation) => permits(delegation, approval))),
          },
        ]),
  ];
}

function permits(
  delegation: Delegation,
  { stage, approverId, onBehalfOf, delegationId, approvedAt }: Approval,
): boolean {
  const { id, delegatorId, delegateId, from, until } = delegation;
  const people = id === delegationId && delegatorId === onBehalfOf && delegateId === approverId;
  const at = new Date(approvedAt);
  return people && delegation.stage === stage && new Date(from) <= at && at < new Date(until);
}
