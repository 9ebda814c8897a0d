import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Actor } from '../../kernel/actor.js';
import { By } from '../../http/by.js';
import { RevocationReceiptAnswer } from '../../http/receipt.dto.js';
import { Answers, NumberParam, Permit } from '../../http/route.js';
import { Receipt } from './receipt.js';
import { Receipts } from './receipts.service.js';

@ApiTags('suspensions')
@Controller('v1/revocation-receipts')
export class ReceiptsController {
  constructor(private readonly receipts: Receipts) {}

  @Get(':seq')
  @Permit('revocation_receipt.read')
  @Answers('On which gateway nodes a change is in force, and since when on all of them.', RevocationReceiptAnswer, {
    problems: ['not_found'],
  })
  find(@By() actor: Actor, @NumberParam('seq') seq: number): Promise<Receipt> {
    return this.receipts.find(actor, seq);
  }
}
