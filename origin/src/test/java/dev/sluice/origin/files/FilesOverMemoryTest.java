package dev.sluice.origin.files;

import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The files calls over a store that is on no disk: nothing leaves by {@code sendfile}. */
@ExtendWith(LeakCheck.class)
class FilesOverMemoryTest implements FilesApiContract {
  private MemoryFileStore store = new MemoryFileStore(StoreLimits.NONE);
  private FilesServer server;

  @BeforeEach
  void start() throws IOException {
    server = new FilesServer(store);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  @Override
  public FilesServer server() {
    return server;
  }

  @Override
  public void restart(StoreLimits limits) throws IOException {
    server.close();
    store = store.restart(limits);
    server = new FilesServer(store);
  }
}
