/** How long things last at the authorization server, in seconds. The database holds the first of them too. */

/** Access tokens: at most five minutes (design section 10). */
export const accessTokenSeconds = 300;

/** How far ahead a client assertion may say it ends. */
export const assertionSecondsMax = 300;

/** What clocks may differ by: FAPI 2.0 asks to accept 10 and to refuse more than 60; our own nodes may be 30 apart. */
export const clockToleranceSeconds = 30;

/** Added to the memory of used assertions, since the node that sees a replay may have another clock. */
export const memoryMarginSeconds = 120;
