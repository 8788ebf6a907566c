import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { policyProblems, policySchema } from '../../src/broker/policy.ts';
import { commands } from '../../src/cli/commands/index.ts';

const root = path.resolve(import.meta.dirname, '../..');
const pages = [
  ...['README.md', 'CONTRIBUTING.md', 'src/README.md', 'infra/README.md'],
  ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`),
].map((name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') }));

/** As the pages of repositories make them. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

describe('the guides', () => {
  it('lead nowhere that does not exist', () => {
    const broken: string[] = [];
    for (const { name, text } of pages) {
      for (const [, target = ''] of text.matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)) {
        const [file = '', anchor] = target.split('#');
        const found = file === '' ? path.join(root, name) : path.resolve(root, path.dirname(name), file);
        if (!existsSync(found)) broken.push(`${name}: ${target}`);
        else if (anchor && !anchorsOf(readFileSync(found, 'utf8')).includes(anchor))
          broken.push(`${name}: ${target}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('show policies that can be stored as they stand', () => {
    const shown = pages.flatMap(({ text }) =>
      [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, block = '']) => block),
    );
    const policies = shown.filter((block) => block.includes('"grant"') && !block.includes('…'));
    expect(policies.length).toBeGreaterThan(5);
    for (const block of policies) {
      const policy = policySchema.parse({ name: 'shown', ...JSON.parse(block) });
      expect(policyProblems(policy, Date.now())).toEqual([]);
    }
  });

  it('name only commands that there are', async () => {
    const { Command } = await import('commander');
    const program = new Command();
    for (const register of commands) register(program, async () => undefined);
    const known = new Set(program.commands.flatMap((command) => [command.name(), ...command.aliases()]));
    const named = pages.flatMap(({ text }) =>
      [...text.matchAll(/graph-valet ([a-z]+)/g)].map(([, word = '']) => word),
    );
    expect(named.length).toBeGreaterThan(20);
    expect([...new Set(named)].filter((word) => !known.has(word))).toEqual([]);
  });
});
