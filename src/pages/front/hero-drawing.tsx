/** Decoration: three kinds of record resting in an open bowl above calm water. Says nothing the words beside it do not say. */
export function HeroDrawing() {
  return (
    <svg class="hero-drawing" viewBox="0 0 440 360" aria-hidden="true" focusable="false">
      <circle class="hero-sun" cx="220" cy="170" r="150" />
      <g class="hero-stone" transform="translate(-4 44)">
        <circle cx="136" cy="150" r="44" />
        <path d="M136 171l-18-18a11.500 11.500 0 0 1 18-14a11.500 11.500 0 0 1 18 14z" />
      </g>
      <g class="hero-stone" transform="translate(0 40)">
        <circle cx="222" cy="96" r="48" />
        <path d="M204 122l10-15 6-17 9 9 11 3 M214 107l12 6 5 13 M205 96l8-8 7 2 M225 72a5 5 0 1 0 .1 0" />
      </g>
      <g class="hero-stone" transform="translate(4 44)">
        <circle cx="306" cy="146" r="46" />
        <path d="M286 126h40v30h-40z M286 143h40 M306 126v17 M294 156v6 M318 156v6 M292 150h4 M316 150h4" />
      </g>
      <path class="hero-bowl" d="M40 168c6 92 74 150 180 150s174-58 180-150c-38 42-100 62-180 62S78 210 40 168z" />
      <path class="hero-ripple" d="M70 336c30 10 60 10 90 0s60-10 90 0 60 10 90 0" />
    </svg>
  );
}
