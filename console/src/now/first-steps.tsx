// What to do before anything has run: find out who is there, say who owns what, make a plan. Steps that are done say so.
import { Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { screens } from '../shell/screens.ts';
import { useMay } from '../sign-in/session.ts';
import { CliTwin } from '../words/cli-twin.tsx';
import { count } from '../words/times.ts';
import { Needs } from './needs.tsx';
import css from './now.module.css';
import type { Now } from './use-now.ts';

export function FirstSteps({ now }: { readonly now: Now }) {
  const { systems, accounts, discovered, plans, exposedLeft } = now.estate;
  return (
    <>
      <Text>
        Nothing has run in this estate yet, so Rekey cannot say what an attacker could use.
        {exposedLeft > 0 ? ` ${count(exposedLeft, 'account')} named in a leak ${exposedLeft === 1 ? 'was' : 'were'} never reset.` : ''}
      </Text>
      <Title order={2} size="h4">
        The way to the first reset
      </Title>
      <ol className={css.steps}>
        <Step done={systems > 0} name="Name the systems" twin={['rekey', 'doctor']}>
          {systems > 0 ? `${count(systems, 'system')} in rekey.yaml. ` : 'rekey.yaml names none yet. '}
          <To screen="Systems" />
        </Step>
        <Step done={accounts > 0} name="Find out who is there" twin={['rekey', 'discover']}>
          {accounts > 0
            ? `${count(accounts, 'account')} found, ${count(discovered, 'system')} read to the end. `
            : 'No account is known yet. '}
          <To screen="Accounts" />
        </Step>
        <Step done={false} name="Say who owns what, who uses what, and what leaked" twin={['rekey', 'import', 'owners', 'owners.csv']}>
          An account without exactly one owner is not reset.
        </Step>
        <Step done={plans > 0} name="Make a plan" twin={['rekey', 'plan', '--where', 'exposed', '--reason', 'what happened']}>
          {plans > 0 ? `${count(plans, 'plan')} made. ` : 'A plan says what would be done; nothing is touched by it. '}
          <To screen="Plans" />
        </Step>
        <Step done={false} name="Have it approved, and run it" twin={['rekey', 'apply', 'PLAN']}>
          <To screen="Approvals" />
        </Step>
      </ol>
      {now.needs.length > 0 ? <Needs now={now} /> : null}
    </>
  );
}

function Step(props: { readonly done: boolean; readonly name: string; readonly twin: readonly string[]; readonly children: ReactNode }) {
  return (
    <li>
      <Text fw={600} component="div">
        {props.name} {props.done ? <span className={css.done}>✓ done</span> : null}
      </Text>
      <Text size="sm" component="div">
        {props.children}
      </Text>
      <CliTwin words={props.twin} label="By command:" />
    </li>
  );
}

/** The way to a screen; a link that ends in a refusal would help nobody. */
function To({ screen: name }: { readonly screen: (typeof screens)[number]['name'] }) {
  const screen = screens.find((each) => each.name === name);
  const may = useMay(screen?.needs ?? '') !== undefined;
  return screen !== undefined && may ? <Link to={screen.to}>{name}</Link> : <span>Your roles do not open {name}.</span>;
}
