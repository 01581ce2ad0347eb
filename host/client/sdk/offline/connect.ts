/** The page's second script: connects the page with what is kept on the device. */

export {};
