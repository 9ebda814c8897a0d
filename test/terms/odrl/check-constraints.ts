import { iris, members, typesOf, values, type GraphNode } from './graph.js';
import { LEFT_OPERANDS, LOGICAL_OPERANDS, ODRL, OPERATORS, RIGHT_OPERANDS, SET_OPERATORS } from './vocabulary.js';

type Graph = ReadonlyMap<string, GraphNode>;

const XSD = 'http://www.w3.org/2001/XMLSchema#';

/** What the vocabulary asks of the right operand of each left operand that the export uses. */
const DATA_TYPES: Readonly<Record<string, string>> = {
  dateTime: 'dateTime',
  delayPeriod: 'duration',
  elapsedTime: 'duration',
  timeInterval: 'duration',
  payAmount: 'decimal',
};

/** The operators that the vocabulary says should be used with these left operands. */
const ADVISED: Readonly<Record<string, readonly string[]>> = {
  delayPeriod: ['eq', 'gt', 'gteq'],
  elapsedTime: ['eq', 'lt', 'lteq'],
  timeInterval: ['eq'],
};

/** Every way in which a node is no constraint or logical constraint of the information model. */
export function constraintProblems(id: string, graph: Graph): string[] {
  const node = graph.get(id);
  if (node === undefined) return [`constraint ${id} is described nowhere`];
  if (typesOf(node).includes(`${ODRL}LogicalConstraint`)) return logicalProblems(node, graph);
  return [
    ...(typesOf(node).includes(`${ODRL}Constraint`) ? [] : [`${id} is no Constraint`]),
    ...instanceProblems(node, 'leftOperand', 'LeftOperand', { known: LEFT_OPERANDS, graph }),
    ...instanceProblems(node, 'operator', 'Operator', { known: OPERATORS, graph }),
    ...rightOperandProblems(node, graph),
    ...values(node, 'unit').flatMap((unit) => ('@id' in unit ? [] : [`the unit of ${id} is no IRI`])),
  ];
}

function logicalProblems(node: GraphNode, graph: Graph): string[] {
  const operands = Object.keys(node).filter((property) => LOGICAL_OPERANDS.has(property));
  const [only] = operands;
  const lists = only === undefined ? [] : values(node, only.slice(ODRL.length)).map(members);
  const [list] = lists;
  if (operands.length !== 1 || lists.length !== 1 || !list) return [`${node['@id']} has not one list of operands`];
  const named = list.map((member) => String(member['@id']));
  return [
    ...(new Set(named).size < 2 || new Set(named).size < named.length ? [`${node['@id']} compares too little`] : []),
    ...(values(node, 'leftOperand').length > 0 ? [`${node['@id']} has a left operand`] : []),
    ...named.flatMap((id) => constraintProblems(id, graph)),
  ];
}

function instanceProblems(
  node: GraphNode,
  property: string,
  type: string,
  { known, graph }: { known: ReadonlySet<string>; graph: Graph },
): string[] {
  const found = iris(node, property);
  if (found.length !== 1) return [`${node['@id']} has ${found.length} values of ${property}`];
  return found.flatMap((id) =>
    known.has(id) || typesOf(graph.get(id)).includes(`${ODRL}${type}`) ? [] : [`${id} is no ${type}`],
  );
}

function rightOperandProblems(node: GraphNode, graph: Graph): string[] {
  const found = values(node, 'rightOperand');
  const [value] = found;
  if (value === undefined || found.length > 1) return [`${node['@id']} has ${found.length} right operands`];
  const list = members(value);
  const operand = iris(node, 'leftOperand').join();
  const operator = iris(node, 'operator').join();
  return [
    ...(list && !SET_OPERATORS.has(operator) ? [`${operator} takes no list`] : []),
    ...(list ?? [value]).flatMap((item) => [...valueProblems(item, graph), ...typeProblems(item, operand)]),
    ...adviceProblems(operand, operator),
  ];
}

/** A term of the profile must be declared in the document, as what it is; other IRIs name things of the world. */
function valueProblems(value: Readonly<Record<string, unknown>>, graph: Graph): string[] {
  const id = value['@id'];
  if (typeof id !== 'string' || RIGHT_OPERANDS.has(id) || !id.startsWith('urn:parley:odrl:')) return [];
  return typesOf(graph.get(id)).includes(`${ODRL}RightOperand`) ? [] : [`${id} is no RightOperand`];
}

function typeProblems(value: Readonly<Record<string, unknown>>, operand: string): string[] {
  const wanted = DATA_TYPES[operand.slice(ODRL.length)];
  return wanted === undefined || value['@type'] === `${XSD}${wanted}` ? [] : [`${operand} takes ${wanted}`];
}

function adviceProblems(operand: string, operator: string): string[] {
  const advised = ADVISED[operand.slice(ODRL.length)];
  return advised === undefined || advised.includes(operator.slice(ODRL.length)) ? [] : [`${operand} with ${operator}`];
}
