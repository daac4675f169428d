// The templates of an estate: the shipped ones, each replaced by the file of that name in the estate's folder. All are read and checked before one is used.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Eta } from 'eta';
import { Problem } from '../domain/problem.ts';
import { checkTemplate } from './check-template.ts';
import type { Letter } from './letter.ts';

export const templateNames = ['decision', 'trouble', 'finished', 'progress', 'credential', 'test'] as const;
export type TemplateName = (typeof templateNames)[number];
export const partNames = ['items.txt', 'items.html', 'head.html', 'foot.html'] as const;
export type Rendered = { readonly subject: string; readonly text: string; readonly html: string };

const shipped = fileURLToPath(new URL('./templates', import.meta.url));
const fileNames: readonly string[] = [...templateNames.flatMap((name) => [`${name}.txt`, `${name}.html`]), ...partNames].map(
  (name) => `${name}.eta`,
);

export class Templates {
  readonly #text = new Eta({ autoEscape: false });
  readonly #html = new Eta({ autoEscape: true });

  /** Throws invalid-config naming file and line. */
  constructor(folder: string | undefined) {
    if (folder !== undefined) refuseStrangers(folder);
    for (const name of fileNames) {
      const own = folder === undefined ? undefined : join(folder, name);
      const path = own !== undefined && existsSync(own) ? own : join(shipped, name);
      const source = readFileSync(path, 'utf8');
      checkTemplate(source, path === own ? own : name, partNames);
      // Parts are called by their file's name; eta keeps named templates behind an @.
      const called = source.replaceAll(/include\(\s*'/g, "include('@");
      (name.endsWith('.html.eta') ? this.#html : this.#text).loadTemplate(`@${name.slice(0, -'.eta'.length)}`, called);
    }
  }

  /** The first line of the text is the subject. */
  render(name: TemplateName, letter: Letter): Rendered {
    const [first = '', ...rest] = this.#text.render(`@${name}.txt`, letter).split('\n');
    return {
      subject: first.replace(/^Subject:\s*/, '').trim(),
      text: rest.join('\n').trim(),
      html: this.#html.render(`@${name}.html`, letter),
    };
  }
}

function refuseStrangers(folder: string): void {
  if (!existsSync(folder))
    throw new Problem('invalid-config', {
      message: `the folder of templates ${folder} does not exist`,
      place: 'notify.templates',
      hint: 'make it, or remove the line',
    });
  for (const name of readdirSync(folder))
    if (name.endsWith('.eta') && !fileNames.includes(name))
      throw new Problem('invalid-config', {
        message: `nothing reads the template ${name}`,
        place: join(folder, name),
        hint: `templates are ${fileNames.join(', ')}`,
      });
}
