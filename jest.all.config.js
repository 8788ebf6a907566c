import quick from './jest.config.js';

/** Also what takes long by its nature. */
export default { ...quick, testPathIgnorePatterns: ['/node_modules/'] };
