export { BuildError, building } from '../../host/src/portico/host/builder/js/errors.mjs';
