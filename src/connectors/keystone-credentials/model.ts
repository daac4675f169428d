// What a new application credential may do: exactly what those it stands beside may. Where they differ nobody guesses.
import { canonical, type Json } from '../../domain/json.ts';
import { done, type Outcome, refused } from '../../kit/kit.ts';
import { listAt, member, textAt } from '../../protocols/http/call.ts';

export type Model = {
  readonly roles?: readonly ({ readonly id: string } | { readonly name: string })[];
  readonly unrestricted?: boolean;
  readonly access_rules?: readonly { readonly id: string }[];
};

/** `roles` of the estate file win. Nothing there and nothing said: the service gives it every role of its owner in the project. */
export function modelOf(there: readonly unknown[], roles: readonly string[]): Outcome<Model> {
  const chosen = roles.length === 0 ? {} : { roles: roles.map((name) => ({ name })) };
  const models = there.map((each) => ({ ...shape(each), ...chosen }));
  const different = new Set(models.map((model) => canonical(model as unknown as Json)));
  if (different.size > 1)
    return refused(
      'conflict',
      'the application credentials of this user in this project have different rights: retire the wider ones, or give the roles in config.roles',
    );
  return done(models[0] ?? chosen);
}

function shape(value: unknown): Model {
  const idsOf = (list: string): { id: string }[] =>
    listAt(value, list)
      .flatMap((each) => textAt(each, 'id') ?? [])
      .sort()
      .map((id) => ({ id }));
  const rules = idsOf('access_rules');
  return {
    roles: idsOf('roles'),
    unrestricted: member(value, 'unrestricted') === true,
    ...(rules.length === 0 ? {} : { access_rules: rules }),
  };
}
