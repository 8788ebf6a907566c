import type { View } from './view.ts';

/** One line, or several, with what it is for and what is wrong with it. */
export function TextField(props: {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly problem: string | undefined;
  readonly long?: boolean;
}): View {
  const { name, label, hint, value, problem, long = false } = props;
  const shared = {
    id: name,
    name,
    'aria-describedby': problem ? `${name}-problem ${name}-hint` : `${name}-hint`,
    'aria-invalid': problem ? ('true' as const) : undefined,
  };
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {long ? (
        <textarea {...shared} rows={8}>
          {value}
        </textarea>
      ) : (
        <input type="text" {...shared} value={value} autocomplete="off" />
      )}
      {problem && (
        <p class="problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  );
}

/** One of several. */
export function ChoiceField(props: {
  readonly name: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly value: string;
  readonly problem: string | undefined;
}): View {
  const { name, label, options, value, problem } = props;
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <select
        id={name}
        name={name}
        aria-invalid={problem ? 'true' : undefined}
        aria-describedby={problem ? `${name}-problem` : undefined}
      >
        {options.map(([option, words]) => (
          <option value={option} selected={option === value}>
            {words}
          </option>
        ))}
      </select>
      {problem && (
        <p class="problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}
