import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ReceiptsController } from './receipts.controller.js';
import { ReceiptsInterceptor } from './receipts.interceptor.js';
import { Receipts } from './receipts.service.js';

/** Imported before every module with another interceptor for all routes: the first one stands outside of the others. */
@Module({
  controllers: [ReceiptsController],
  providers: [Receipts, { provide: APP_INTERCEPTOR, useClass: ReceiptsInterceptor }],
})
export class ReceiptsModule {}
