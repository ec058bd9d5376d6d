/** `npm start`. */
import { runServe } from './commands.js';

process.exitCode = await runServe(process.env);
