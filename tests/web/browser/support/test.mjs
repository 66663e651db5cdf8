// Tests of real browsers, on machines that have other things to do: what fails is tried once more, and the report says so.
import * as runner from 'node:test';

export const {before, after} = runner;

export const again = (body) => async (context) => {
  try {
    await body(context);
  } catch (error) {
    context.diagnostic(`Tried once more, since it failed: ${error?.message ?? error}`);
    await body(context);
  }
};

// test(NAME, [OPTIONS], BODY), as node:test has it.
export const test = (name, ...rest) => runner.test(name, ...rest.slice(0, -1), again(rest.at(-1)));
