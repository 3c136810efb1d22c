package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFileIdentityTest {

  @Test
  void reportsTheOwnerOfNewFiles(@TempDir Path directory) throws IOException {
    FileOwner owner = FileOwner.of(Files.createFile(directory.resolve("f")));

    assertThat(new TemporaryFileIdentity().find())
        .contains(
            new PosixIdentity(
                ProcessHandle.current().pid(),
                owner.uid(),
                owner.gid(),
                owner.userName(),
                owner.groupName()));
  }
}
