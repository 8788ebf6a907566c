import { type Frame, Layout } from './layout.tsx';
import type { View } from './view.ts';

export const deviceTitle = 'Enter the code of your program';

/** Asks for the code that a program shows. `unknown`: the one that was typed is not good. */
export function DeviceCodePage({ frame, unknown }: { frame: Frame; unknown: boolean }): View {
  return (
    <Layout frame={frame} kind="door">
      <div class="stack loose">
        <h1>{deviceTitle}</h1>
        {unknown && (
          <p class="notice" role="alert">
            This code is not known, was used already, or is older than 15 minutes. Start again in the program.
          </p>
        )}
        <form method="get" action="/device" class="stack tight">
          <label for="user_code">Code</label>
          <input
            id="user_code"
            name="user_code"
            type="text"
            required
            minlength={8}
            maxlength={20}
            autocomplete="off"
            spellcheck={false}
            autofocus
          />
          <div>
            <button type="submit">Continue</button>
          </div>
        </form>
        <p class="muted">Type only a code that you see on your own screen. Nobody needs yours.</p>
      </div>
    </Layout>
  );
}
