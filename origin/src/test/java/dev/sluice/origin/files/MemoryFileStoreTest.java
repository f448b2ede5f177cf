package dev.sluice.origin.files;

import dev.sluice.testkit.LeakCheck;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class MemoryFileStoreTest implements FileStoreContract {
  private MemoryFileStore store = new MemoryFileStore(StoreLimits.NONE);

  @Override
  public FileStore store() {
    return store;
  }

  @Override
  public void restart(StoreLimits limits) {
    store = store.restart(limits);
  }
}
