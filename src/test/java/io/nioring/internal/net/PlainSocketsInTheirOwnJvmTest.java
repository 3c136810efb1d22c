package io.nioring.internal.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingSelectorProvider;
import io.nioring.internal.platform.ChildJvm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JVM's own sockets given to a network, which can be done once in a JVM. */
class PlainSocketsInTheirOwnJvmTest {
  private static final String FLAG =
      "-Djava.nio.channels.spi.SelectorProvider=" + RingSelectorProvider.class.getName();

  private static final List<String> ALL_WELL =
      List.of(
          "echo: hello",
          "channel to socket: hello",
          "socket to channel: hello",
          "http: hello",
          "tls by host: hello",
          "tls layered: hello",
          "tls unconnected: hello",
          "rmi: hello",
          "dropped: -1",
          "proxy: 0",
          "second factory: the JVM has a factory for its sockets already, which can't be changed any"
              + " more: factory already defined");

  @TempDir Path directory;

  @Test
  void socketsOfTheJvmNeedNoKernelInModeRing() throws Exception {
    List<String> lines = run(PlainSocketsProgram.class, "-Dnioring.mode=ring");

    assertThat(lines).startsWith(ALL_WELL.toArray(String[]::new));
    assertThat(lines).endsWith("kernel sockets: 0");
  }

  @Test
  void socketsOfTheJvmMeetOverRingsInModeHybrid() throws Exception {
    assertThat(run(PlainSocketsProgram.class, "-Dnioring.mode=hybrid"))
        .startsWith(ALL_WELL.toArray(String[]::new));
  }

  @Test
  void hostsOfTheSettingsAreKnownToTheJvm() throws Exception {
    String hosts =
        "-Dnioring.hosts=db.test=10.1.2.3; Mail.Test=10.1.2.4; two.test=fd00::9, 10.1.2.9";

    assertThat(run(HostsProgram.class, "-Dnioring.mode=ring", hosts))
        .containsExactly(
            "db.test/10.1.2.3:5432 5432",
            "true",
            "localhost/127.0.0.1",
            "localhost/0:0:0:0:0:0:0:1",
            "localhost",
            "true",
            "10.1.2.3",
            "10.1.2.3",
            "10.1.2.4",
            "10.1.2.4",
            "10.1.2.4",
            "10.1.2.4",
            "two.test/10.1.2.9",
            "two.test/fd00:0:0:0:0:0:0:9",
            "two.test/fd00:0:0:0:0:0:0:9",
            "unknown");
  }

  @Test
  void usersOwnFileOfHostsIsNotReplaced() throws Exception {
    List<String> lines =
        run(
            HostsProgram.class,
            "-Dnioring.mode=ring",
            "-Dnioring.hosts=db.test=10.1.2.3",
            "-Djdk.net.hosts.file=/etc/hosts");

    assertThat(String.join(" ", lines)).contains("nioring.hosts replaces jdk.net.hosts.file");
  }

  @Test
  void hostsWithoutAFolderForTheirFileSayWhatIsMissing() throws Exception {
    List<String> lines =
        run(
            HostsProgram.class,
            "-Dnioring.mode=ring",
            "-Dnioring.hosts=db.test=10.1.2.3",
            "-Djava.io.tmpdir=/there/is/none");

    assertThat(String.join(" ", lines))
        .contains("nioring.hosts needs a file in java.io.tmpdir: ")
        .contains("/there/is/none");
  }

  /** Nothing is changed if not everything can be. */
  @Test
  void aForeignFactoryOfDatagramSocketsLeavesAllSocketsAsTheyAre() throws Exception {
    assertThat(run(ForeignFactoryProgram.class))
        .containsExactly("refused", "connected", "factories free");
  }

  private List<String> run(Class<?> program, String... settings) throws Exception {
    List<String> flags = new ArrayList<>(List.of(settings));
    flags.add(FLAG);
    return ChildJvm.run(directory, program, flags.toArray(String[]::new)).stream()
        .filter(line -> !line.startsWith("SLF4J"))
        .toList();
  }
}
