// One item in the list: account, state, how many of its paths refuse the old secret, its applications, its error.
import { UnstyledButton } from '@mantine/core';
import { Since } from '../words/since.tsx';
import { StateWord } from '../words/state-word.tsx';
import type { Item } from './run-queries.ts';
import css from './runs.module.css';

const closing: readonly string[] = ['proved', 'excepted', 'signed', 'inferred'];

export function ItemRow(props: { readonly item: Item; readonly top: number; readonly open: () => void }) {
  const { item } = props;
  const shut = item.cells.filter(({ verdict }) => closing.includes(verdict)).length;
  const adopted = item.consumers.filter(({ state }) => state === 'adopted' || state === 'exempt').length;
  return (
    <li className={css.item} style={{ transform: `translateY(${props.top}px)` }}>
      <div className={css.cut}>
        <UnstyledButton className={css.name} onClick={props.open} title={`${item.system}/${item.account}`}>
          {item.system}/{item.account}
        </UnstyledButton>
      </div>
      <div>
        <StateWord kind="item" state={item.state} />
      </div>
      <div className={css.wide}>wave {item.wave}</div>
      <div className={css.wide}>
        {item.cells.length === 0 ? 'no path tried' : `${shut} of ${item.cells.length} ${item.cells.length === 1 ? 'path' : 'paths'} shut`}
      </div>
      <div className={css.wide}>{item.consumers.length === 0 ? '' : `${adopted} of ${item.consumers.length} applications`}</div>
      <div className={css.why} title={item.error ?? undefined}>
        {item.residual === null ? (
          item.error
        ) : (
          <>
            ends <Since at={item.residual.until} />
          </>
        )}
      </div>
    </li>
  );
}
