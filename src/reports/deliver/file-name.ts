import type { DeliveryFile } from './delivery.ts';

/** `finance-inventory-2026-07-31-060000.csv` */
export function stampedName({ name }: Pick<DeliveryFile, 'name'>, stamp: string): string {
  return withSuffix(name, `-${stamp}`);
}

/** `finance-inventory 2.csv` */
export function numberedName({ name }: Pick<DeliveryFile, 'name'>, number: number): string {
  return number === 1 ? name : withSuffix(name, ` ${number}`);
}

function withSuffix(name: string, suffix: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? `${name}${suffix}` : `${name.slice(0, dot)}${suffix}${name.slice(dot)}`;
}
