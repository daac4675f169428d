// Text in, tree out, or an invalid-selector Problem with a column, a caret and the likely meaning. `not` binds tightest, then `and`, then `or`.
import { Problem } from '../problem.ts';
import { type Field, fields, type Operator, operators, ruleOf, type Selector } from './ast.ts';
import { nearest } from './nearest.ts';
import { invalid, type Token, tokens } from './token.ts';
import { exampleOf, readValue } from './value.ts';

/** Deeper nesting than people write; keeps recursion far from the stack's end. */
const deepest = 100;
const fieldNames = Object.keys(fields);

export function parseSelector(text: string): Selector {
  if (text.trim() === '') {
    throw new Problem('invalid-selector', {
      message: 'an empty selector selects nothing',
      place: 'column 1',
      hint: 'say --where all if you mean every account',
    });
  }
  const parser = new Parser(text);
  const selector = parser.or(0);
  const rest = parser.peek();
  if (rest.type !== 'end') throw invalid(text, rest.at, `did not expect "${rest.text}" here`, 'join conditions with and, or');
  return selector;
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokens(text);
  }

  peek(ahead = 0): Token {
    return this.#tokens[Math.min(this.#next + ahead, this.#tokens.length - 1)]!;
  }
  #take(): Token {
    const token = this.peek();
    this.#next++;
    return token;
  }
  #keyword(word: string): boolean {
    const token = this.peek();
    return token.type === 'word' && token.text.toLowerCase() === word;
  }
  #accept(word: string): boolean {
    if (!this.#keyword(word)) return false;
    this.#next++;
    return true;
  }
  #sign(sign: string): boolean {
    if (this.peek().type !== 'sign' || this.peek().text !== sign) return false;
    this.#next++;
    return true;
  }

  or(depth: number): Selector {
    return this.#chain('or', () => this.#and(depth));
  }
  #and(depth: number): Selector {
    return this.#chain('and', () => this.#not(depth));
  }
  #chain(node: 'and' | 'or', part: () => Selector): Selector {
    const first = part();
    const of = [first];
    while (this.#accept(node)) of.push(part());
    return of.length === 1 ? first : { node, of };
  }
  #not(depth: number): Selector {
    if (depth > deepest) throw invalid(this.#text, this.peek().at, 'nested too deeply', `at most ${deepest} levels`);
    if (this.#accept('not')) return { node: 'not', of: this.#not(depth + 1) };
    if (this.#sign('(')) {
      const inner = this.or(depth + 1);
      if (!this.#sign(')'))
        throw invalid(this.#text, this.peek().at, 'expected )', 'close the parenthesis, or join conditions with and, or');
      return inner;
    }
    return this.#condition();
  }

  #condition(): Selector {
    const token = this.#take();
    if (token.type !== 'word') throw invalid(this.#text, token.at, 'expected a field', 'for example: system = corp-ldap and tier <= 1');
    if (token.text.toLowerCase() === 'all') return { node: 'all' };
    if (token.text.startsWith('tag:')) return this.#tagSugar(token);
    const field = this.#field(token);
    if (this.#accept('in')) return this.#list(field);
    if (this.#keyword('not') && this.peek(1).text.toLowerCase() === 'in') {
      this.#next += 2;
      return { node: 'not', of: this.#list(field) };
    }
    if (this.#sign('!~')) return { node: 'not', of: this.#compare(field, '~') };
    const operator = operators.find((o) => this.peek().type === 'sign' && this.peek().text === o);
    if (operator !== undefined) {
      this.#next++;
      return this.#compare(field, operator);
    }
    if (ruleOf(field).type === 'flag') return { node: 'compare', field, operator: '=', value: true };
    throw invalid(this.#text, this.peek().at, `expected an operator after ${field}`, `for example: ${exampleOf(field)}`);
  }

  #tagSugar(token: Token): Selector {
    const rest = token.text.slice('tag:'.length);
    if (rest !== '') return { node: 'compare', field: 'tag', operator: '=', value: rest };
    const value = this.peek();
    if (value.type !== 'string') throw invalid(this.#text, value.at, 'expected a tag after "tag:"', 'for example: tag:exempt');
    this.#next++;
    return { node: 'compare', field: 'tag', operator: '=', value: value.text };
  }

  #field(token: Token): Field {
    if (Object.hasOwn(fields, token.text)) return token.text as Field; // own key of `fields`, checked
    const [head = '', tail] = token.text.split(':', 2);
    const hint =
      tail !== undefined && Object.hasOwn(fields, head)
        ? `write ${head} = ${tail}`
        : (nearest(token.text, [...fieldNames, 'all']) ?? undefined);
    const meant = hint === undefined ? `fields are ${fieldNames.join(', ')}` : hint.startsWith('write ') ? hint : `did you mean ${hint}?`;
    throw invalid(this.#text, token.at, `"${token.text}" is not a field`, meant);
  }

  #compare(field: Field, operator: Operator): Selector {
    const at = this.#tokens[this.#next - 1]?.at ?? 0;
    const rule = ruleOf(field);
    const ordered = rule.type === 'tier' || rule.type === 'age';
    if (operator === '~' && rule.type !== 'text')
      throw invalid(this.#text, at, `${field} has no pattern`, `for example: ${exampleOf(field)}`);
    if (operator.match(/[<>]/) && !ordered)
      throw invalid(this.#text, at, `${field} has no order`, `use =, !=${rule.type === 'text' ? ', ~' : ''} or in (…)`);
    if (rule.type === 'age' && !operator.match(/[<>]/))
      throw invalid(this.#text, at, 'an age is never exactly a duration', 'use <, <=, > or >=');
    const value = readValue(this.#text, field, this.#take());
    if (operator === '~' && value === null) throw invalid(this.#text, at, 'none is not a pattern', `use ${field} = none`);
    return { node: 'compare', field, operator, value };
  }

  #list(field: Field): Selector {
    const open = this.peek();
    if (ruleOf(field).type === 'age') throw invalid(this.#text, open.at, 'an age is never exactly a duration', 'use <, <=, > or >=');
    if (!this.#sign('(')) throw invalid(this.#text, open.at, 'expected ( after in', `for example: kind in (service, application)`);
    const values = [readValue(this.#text, field, this.#take())];
    while (this.#sign(',')) values.push(readValue(this.#text, field, this.#take()));
    if (!this.#sign(')')) throw invalid(this.#text, this.peek().at, 'expected , or )', 'separate values with commas and close the list');
    return { node: 'in', field, values };
  }
}
