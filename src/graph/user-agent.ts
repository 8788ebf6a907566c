/** Decorated as Microsoft asks, for better priority when Graph is busy. */
export const userAgent = 'NONISV|GraphValet|GraphValet/0.1.0';
