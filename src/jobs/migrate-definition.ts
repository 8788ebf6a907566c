/** A definition that was stored when a job had one CSV and one folder, in the present shape; any other as it is. */
export function migrateDefinition(stored: unknown): unknown {
  if (typeof stored !== 'object' || stored === null || !('delivery' in stored)) return stored;
  const { delivery, ...rest } = stored;
  const place = typeof delivery === 'object' && delivery !== null ? delivery : {};
  return { ...rest, outputs: ['csv'], deliveries: [{ kind: 'drive', ...place }] };
}
