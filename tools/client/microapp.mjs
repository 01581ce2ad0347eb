/** The reference application's micro-apps are built as every team's are: by what `portico build` runs. */
export { buildMicroApp } from '../../host/src/portico/host/builder/js/microapp.mjs';
