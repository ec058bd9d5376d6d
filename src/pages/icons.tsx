/** Small drawings that stand beside words, never instead of them: hidden from assistive technology, coloured by the text around them. */
const drawings = {
  check: <path d="M5 10.5l3.2 3.3L15 6.6" />,
  clock: (
    <>
      <circle cx="10" cy="10" r="7" />
      <path d="M10 6v4.3l2.8 1.7" />
    </>
  ),
  pause: <path d="M7.2 5.5v9M12.8 5.5v9" />,
  stop: <path d="M7 3h6l4 4v6l-4 4H7l-4-4V7z M7 10h6" />,
  cross: <path d="M5.8 5.8l8.4 8.4M14.2 5.8l-8.4 8.4" />,
  minus: <path d="M5 10h10" />,
  back: <path d="M8.5 5L4 9.5 8.5 14M4.5 9.5H12a4 4 0 0 1 0 8h-1" />,
  document: <path d="M5.5 2.8h6l3 3.2v11.2h-9z M8 10h4.5M8 13h4.5" />,
  download: <path d="M10 3.5v9M6.3 9l3.7 3.7L13.7 9M4 16.5h12" />,
  shield: <path d="M10 2.8l6 2.2v4.6c0 3.7-2.5 6.3-6 7.6-3.5-1.3-6-3.9-6-7.6V5z M7.3 9.9l2 2 3.5-3.8" />,
  caution: <path d="M10 3.2l7.2 13H2.8z M10 8v4M10 14.2v.1" />,
  lock: <path d="M4.8 9h10.4v7.6H4.8z M7 9V6.4a3 3 0 0 1 6 0V9" />,
  arrow: <path d="M4 10h11.5M11 5.5l4.5 4.5-4.5 4.5" />,
  plus: <path d="M10 4.5v11M4.5 10h11" />,
} as const;

export type IconName = keyof typeof drawings;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      {drawings[name]}
    </svg>
  );
}

/** A thing held in an open bowl: what 預かり means. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 40 40" aria-hidden="true" focusable="false">
      <circle cx="20" cy="13" r="6.5" />
      <path d="M5 18c1 10 7 16 15 16s14-6 15-16c-4 5-9 7-15 7S9 23 5 18z" />
    </svg>
  );
}
