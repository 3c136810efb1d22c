package io.nioring.internal.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcIdentityTest {

  private static final long PID = ProcessHandle.current().pid();

  @TempDir Path directory;

  @Test
  void effectiveIdsAreTakenAndNamedByTheOwnerOfTheDirectory() throws IOException {
    FileOwner self = FileOwner.of(directory);
    writeStatus(
        "Name:\tj\u00e4va\nUmask:\t0022\nUid:\t71\t"
            + self.uid()
            + "\t73\t74\nGid:\t81\t"
            + self.gid()
            + "\t83\t84\nGroups:\t0\n");

    assertThat(new ProcIdentity(directory).find())
        .contains(
            new PosixIdentity(PID, self.uid(), self.gid(), self.userName(), self.groupName()));
  }

  @Test
  void anIdThatNoFileHasIsItsOwnName() throws IOException {
    FileOwner self = FileOwner.of(directory);
    writeStatus(ids(54_321, self.gid()));

    assertThat(new ProcIdentity(directory).find())
        .contains(new PosixIdentity(PID, 54_321, self.gid(), "54321", self.groupName()));
  }

  @Test
  void namesOfGreatIdsAreWrittenAsTheJdkDoes() throws IOException {
    writeStatus(ids(4_294_967_294L, 4_294_967_293L));

    assertThat(new ProcIdentity(directory).find())
        .contains(new PosixIdentity(PID, 4_294_967_294L, 4_294_967_293L, "-2", "-3"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Uid:\t1\t1\t1\t1\n",
        "Gid:\t1\t1\t1\t1\n",
        "Uid:\nGid:\n",
        "Uid:\tx\tx\tx\tx\nGid:\t1\t1\t1\t1\n",
        "Uid:\t1\nGid:\t1\n",
        "Uid:\t1\t99999999999999999999\t1\t1\nGid:\t1\t1\t1\t1\n"
      })
  void withoutBothIdsItDoesNotKnow(String status) throws IOException {
    writeStatus(status);

    assertDoesNotKnow(directory);
  }

  @Test
  void withoutProcItDoesNotKnow() {
    assertDoesNotKnow(directory.resolve("missing"));
  }

  private static void assertDoesNotKnow(Path directory) {
    PosixIdentity other = new PosixIdentity(1, 2, 3, "user", "group");

    assertThat(
            new IdentityLookup(List.of(new ProcIdentity(directory), () -> Optional.of(other)))
                .get())
        .isSameAs(other);
  }

  private void writeStatus(String text) throws IOException {
    Files.writeString(directory.resolve("status"), text, StandardCharsets.ISO_8859_1);
  }

  private static String ids(long uid, long gid) {
    return "Uid:\t%1$d\t%1$d\t%1$d\t%1$d\nGid:\t%2$d\t%2$d\t%2$d\t%2$d\n".formatted(uid, gid);
  }
}
