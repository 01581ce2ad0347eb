/** The service worker: registers every event handler and puts the parts together. */

export {};
