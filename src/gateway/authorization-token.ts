import { Injectable } from '@nestjs/common';
import { hkdfSync, timingSafeEqual } from 'node:crypto';
import { HmacSha256 } from '../kernel/hmac.js';
import { TokenSecret } from '../access/access-tokens.js';
import { DecisionRow } from './journal.js';

/** What a token says, short: it travels with every request. The names are those of RFC 7519 where it has one. */
interface Claims {
  /** The decision. */
  jti: string;
  /** When it was decided, in milliseconds. */
  at: number;
  /** The gateway that asked. */
  gw: string;
  /** The key, its agreement, and the version of the agreement. */
  key: string;
  agr: string;
  ver: number;
  model: string;
  end: string;
  /** Input and output tokens: the upper bound. */
  tok: [number, number];
  /** The address of the client, and the run that it named. */
  ip: string | null;
  run: string | null;
  /** Window, lease and what is reserved of it. */
  res: [window: string, lease: string | null, reserved: number][];
}

const header = Buffer.from('{"alg":"HS256","typ":"parley-authorization"}').toString('base64url');

/**
 * Tokens that prove an authorization which is not written down yet: a compact JWS (RFC 7515) with HMAC-SHA-256. Every
 * process that decides or takes usage in must hold the same secret; the key is derived from it (RFC 5869), so that a
 * token of one kind is never one of another.
 */
@Injectable()
export class AuthorizationTokens {
  private readonly codes: HmacSha256;

  constructor(secret: TokenSecret) {
    this.codes = new HmacSha256(Buffer.from(hkdfSync('sha256', secret.bytes, '', 'parley authorization', 32)));
  }

  /** The token of an allowance. */
  sign(row: DecisionRow): string {
    const claims: Claims = {
      jti: row.id,
      at: row.at.getTime(),
      gw: row.gatewayId,
      key: row.keyId!,
      agr: row.agreementId!,
      ver: row.agreementVersion!,
      model: row.model,
      end: row.endpoint,
      tok: [row.inputTokens, row.outputTokens],
      ip: row.address,
      run: row.run,
      res: row.windows.map(({ id, leaseId, reserved }) => [id, leaseId, reserved]),
    };
    const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return `${signed}.${this.codes.of(signed).toString('base64url')}`;
  }

  /** The decision that a token proves; null for what is no token of ours. */
  read(token: string): DecisionRow | null {
    const end = token.lastIndexOf('.');
    const signed = token.slice(0, end);
    if (!signed.startsWith(`${header}.`)) return null;
    const given = Buffer.from(token.slice(end + 1), 'base64url');
    const own = this.codes.of(signed);
    if (given.length !== own.length || !timingSafeEqual(given, own)) return null;
    return rowOf(JSON.parse(Buffer.from(signed.slice(header.length + 1), 'base64url').toString()) as Claims);
  }
}

/** The row as the journal writes it. */
function rowOf({ jti, at, gw, key, agr, ver, model, end, tok, ip, run, res }: Claims): DecisionRow {
  const when = new Date(at);
  return {
    id: jti,
    at: when,
    countedAt: when,
    gatewayId: gw,
    keyId: key,
    agreementId: agr,
    agreementVersion: ver,
    model,
    endpoint: end,
    address: ip,
    run,
    code: 'allowed',
    reasons: null,
    inputTokens: tok[0],
    outputTokens: tok[1],
    windows: res.map(([id, leaseId, reserved]) => ({ id, leaseId, reserved })),
    holdsPlace: false,
    repeated: 1,
  };
}
