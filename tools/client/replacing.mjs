export { replacing } from '../../host/src/portico/host/builder/js/replacing.mjs';
