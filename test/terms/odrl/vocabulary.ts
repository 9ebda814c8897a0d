/** The namespace of ODRL 2.2. */
export const ODRL = 'http://www.w3.org/ns/odrl/2/';

const named = (names: string): ReadonlySet<string> => new Set(names.split(' ').map((name) => `${ODRL}${name}`));

/** Sections 3.1–3.18 and 4.1. */
export const CLASSES = named(
  'Policy Agreement Offer Set Assertion Privacy Request Ticket Rule Permission Prohibition Duty Asset ' +
    'AssetCollection Party PartyCollection Action Constraint LogicalConstraint Operator LeftOperand RightOperand ' +
    'ConflictTerm',
);

/** Sections 3.1–3.18, 4.2 and 4.3. */
export const PROPERTIES = named(
  'uid profile inheritFrom relation function failure target hasPolicy output assignee assigner assigneeOf assignerOf ' +
    'partOf source permission prohibition action includedIn implies obligation duty consequence remedy constraint ' +
    'refinement operator rightOperand rightOperandReference leftOperand unit dataType status operand or xone and ' +
    'andSequence conflict attributedParty attributingParty compensatedParty compensatingParty consentingParty ' +
    'consentedParty contractingParty contractedParty informedParty informingParty trackingParty trackedParty',
);

/** Sections 3.12 and 4.4. */
export const ACTIONS = named(
  'use transfer acceptTracking aggregate annotate anonymize archive attribute compensate concurrentUse delete derive ' +
    'digitize display distribute ensureExclusivity execute extract give grantUse include index inform install modify ' +
    'move nextPolicy obtainConsent play present print read reproduce reviewPolicy sell stream synchronize ' +
    'textToSpeech transform translate uninstall watermark',
);

/** Section 4.5. */
export const LEFT_OPERANDS = named(
  'absolutePosition absoluteSpatialPosition absoluteTemporalPosition absoluteSize count dateTime delayPeriod ' +
    'deliveryChannel elapsedTime event fileFormat industry language media meteredTime payAmount percentage product ' +
    'purpose recipient relativePosition relativeSpatialPosition relativeTemporalPosition relativeSize resolution ' +
    'spatial spatialCoordinates systemDevice timeInterval unitOfCount version virtualLocation',
);

/** Section 3.16. */
export const OPERATORS = named('eq gt gteq lt lteq neq isA hasPart isPartOf isAllOf isAnyOf isNoneOf');

/** The operators whose right operand may be a list. */
export const SET_OPERATORS = named('isA hasPart isPartOf isAllOf isAnyOf isNoneOf');

/** Section 3.17. */
export const LOGICAL_OPERANDS = named('or xone and andSequence');

/** Section 4.6. */
export const RIGHT_OPERANDS = named('policyUsage');

/** Section 3.18. */
export const CONFLICT_TERMS = named('perm prohibit invalid');

/** Everything above. */
export const VOCABULARY: ReadonlySet<string> = new Set(
  [CLASSES, PROPERTIES, ACTIONS, LEFT_OPERANDS, OPERATORS, RIGHT_OPERANDS, CONFLICT_TERMS].flatMap((names) => [
    ...names,
  ]),
);
