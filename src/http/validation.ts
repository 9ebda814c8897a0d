import { ValidationError, ValidationPipe } from '@nestjs/common';
import { Fault, Refusal } from '../kernel/refusal.js';

/** Holds every body and query to its shape and tells each fault with its pointer. */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => invalid(errors.flatMap((error) => faultsOf(error, ''))),
  });
}

/** The refusal of a request with the given faults. */
export function invalid(errors: readonly Fault[]): Refusal {
  const first = errors[0];
  return new Refusal('invalid_request', first?.detail, {
    pointer: first?.pointer,
    expected: first?.expected,
    errors,
  });
}

function faultsOf(error: ValidationError, parent: string): Fault[] {
  const pointer = `${parent}/${error.property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) =>
    fault(pointer, rule, message, error.value),
  );
  return [...own.slice(0, 1), ...(error.children ?? []).flatMap((child) => faultsOf(child, pointer))];
}

function fault(pointer: string, rule: string, expected: string, value: unknown): Fault {
  if (rule === 'whitelistValidation') {
    return { pointer, code: 'field.unknown', detail: `There is no field ${pointer}.` };
  }
  const missing = value === undefined;
  return {
    pointer,
    code: missing ? 'field.missing' : 'field.wrong',
    detail: missing ? `${pointer} is missing.` : `${pointer} is not ${expected}.`,
    expected,
  };
}
