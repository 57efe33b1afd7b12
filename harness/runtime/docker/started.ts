import type Dockerode from 'dockerode';
import { StartupCheckStrategy, type StartupStatus } from 'testcontainers';

/** Waits for nothing but that the program was begun. */
class Begun extends StartupCheckStrategy {
  override async checkStartupState(): Promise<StartupStatus> {
    return 'SUCCESS';
  }
}

/** Fails where the program has ended already. Whether it is ready is for others to ask, with deadlines of their own. */
class Runs extends StartupCheckStrategy {
  override async checkStartupState(docker: Dockerode, containerId: string): Promise<StartupStatus> {
    const { State } = await docker.getContainer(containerId).inspect();
    return State.Running ? 'SUCCESS' : 'FAIL';
  }
}

export const begun = (): StartupCheckStrategy => new Begun();
export const runs = (): StartupCheckStrategy => new Runs();
