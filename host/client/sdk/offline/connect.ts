/** The page's second script: connects the page with what is kept on the device. */

import { start } from '@portico/sdk/offline';

start();
