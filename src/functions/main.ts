// Every function of the app registers itself when its file is loaded. This is the entry of the bundle.
import './callers.ts';
import './browser.ts';
import './accounts.ts';
import './management.ts';
import './upkeep.ts';
import './notifications.ts';
import './work.ts';
import './timers.ts';
