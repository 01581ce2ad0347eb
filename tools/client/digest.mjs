export { contentDigest, listFiles } from '../../host/src/portico/host/builder/js/digest.mjs';
