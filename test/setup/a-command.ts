/** An operator's command as it is run: its exit code, and what it says on either stream. */

type Run = (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  say: (text: string) => void,
) => Promise<number>;

export async function saidBy(
  run: Run,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ exit: number; text: string }> {
  let text = '';
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((part) => ((text += String(part)), true));
  try {
    const exit = await run(args, environment, (part) => (text += part));
    return { exit, text };
  } finally {
    stderr.mockRestore();
  }
}
