import { readEnvironment } from '../../../src/cli/environment.ts';

describe('what the command line takes from the environment', () => {
  it('expects a browser where there is a screen, and none over SSH or in a job', () => {
    const on = (platform: NodeJS.Platform, env: Record<string, string>) =>
      readEnvironment(env, platform).hasBrowser;
    expect(on('linux', {})).toBe(false);
    expect(on('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true);
    expect(on('linux', { DISPLAY: ':0', SSH_CONNECTION: '10.0.0.1 22' })).toBe(false);
    expect(on('darwin', {})).toBe(true);
    expect(on('win32', { CI: 'true' })).toBe(false);
  });

  it('keeps sign-ins where each system keeps such files', () => {
    const folder = (platform: NodeJS.Platform, env: Record<string, string>) =>
      readEnvironment(env, platform).configFolder;
    expect(folder('linux', { XDG_CONFIG_HOME: '/x' })).toBe('/x/graph-valet');
    expect(folder('linux', {})).toMatch(/\/\.config\/graph-valet$/);
    expect(folder('win32', { APPDATA: 'C:/Users/ada/AppData/Roaming' })).toMatch(/Roaming.graph-valet$/);
  });

  it('takes half a key for none', () => {
    expect(readEnvironment({ GRAPH_VALET_CALLER_ID: 'cal_x' }).caller).toBeUndefined();
    expect(
      readEnvironment({ GRAPH_VALET_CALLER_ID: 'cal_x', GRAPH_VALET_CALLER_KEY: '' }).caller,
    ).toBeUndefined();
  });
});
