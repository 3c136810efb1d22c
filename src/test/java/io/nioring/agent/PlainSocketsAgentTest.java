package io.nioring.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingSelectorProvider;
import io.nioring.internal.platform.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent, not yet packed into the jar that holds everything, with programs of plain sockets. */
class PlainSocketsAgentTest {
  private static final String FLAG =
      "-Djava.nio.channels.spi.SelectorProvider=" + RingSelectorProvider.class.getName();

  @TempDir Path directory;
  private Path agent;

  @BeforeEach
  void packAgent() throws IOException {
    agent = directory.resolve("agent.jar");
    String classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(entry -> Path.of(entry).toUri().toString())
            .collect(Collectors.joining(" "));
    ProgramJar.write(
        agent,
        Map.of("Premain-Class", RingAgent.class.getName(), "Class-Path", classPath),
        RingAgent.class);
  }

  @Test
  void agentAloneTakesAProgramWithoutChannelsToTheRings() throws Exception {
    assertThat(run(PlainEchoProgram.class, agent("=mode=ring")))
        .containsExactly("hello", "RING: 1 over rings, 0 to the kernel");
    assertThat(run(PlainEchoProgram.class, agent("")))
        .containsExactly("hello", "HYBRID: 1 over rings, 0 to the kernel");
  }

  /**
   * As on the platform, which only an agent can do: a length that is set bounds what comes next.
   */
  @Test
  void agentGivesDatagramSocketsTheLengthsOfThePlatform() throws Exception {
    assertThat(run(DatagramProgram.class, agent("=mode=ring"))).containsExactly("2", "2");
    assertThat(run(DatagramProgram.class, agent("=mode=kernel"))).containsExactly("2", "2");
  }

  @Test
  void agentLeavesSocketsAloneIfToldSo() throws Exception {
    assertThat(run(PlainEchoProgram.class, agent("=mode=ring,sockets=false")))
        .containsExactly("hello", "RING: 0 over rings, 0 to the kernel");
    assertThat(run(PlainEchoProgram.class, agent("=mode=kernel")))
        .containsExactly("hello", "KERNEL: 0 over rings, 0 to the kernel");
  }

  @Test
  void flagAloneLeavesSocketsAlone() throws Exception {
    assertThat(run(PlainEchoProgram.class, FLAG, "-Dnioring.mode=ring"))
        .containsExactly("hello", "RING: 0 over rings, 0 to the kernel");
  }

  /** As where the command line and {@code JAVA_TOOL_OPTIONS} both name it. */
  @Test
  void agentMayBeNamedTwice() throws Exception {
    assertThat(run(PlainEchoProgram.class, agent("=mode=ring"), agent("=mode=ring")))
        .containsExactly("hello", "RING: 1 over rings, 0 to the kernel");
  }

  @Test
  void factoryThatWasThereFirstIsNamedAsTheReason() throws Exception {
    Path early = directory.resolve("early.jar");
    ProgramJar.write(
        early, Map.of("Premain-Class", EarlySocketAgent.class.getName()), EarlySocketAgent.class);

    assertThat(run(PlainEchoProgram.class, "-javaagent:" + early, agent("=mode=ring")))
        .singleElement()
        .asString()
        .startsWith("nioring: the JVM has a factory for its sockets already")
        .endsWith("or give it sockets=false");
  }

  @Test
  void routeLeavesTheManagementPortToTheKernel() throws Exception {
    int port = freePort();
    String management = "-Dcom.sun.management.jmxremote";

    assertThat(
            run(
                JmxProgram.class,
                agent("=mode=ring,routes=tcp:*:" + port + "=kernel"),
                management + ".port=" + port,
                management + ".rmi.port=" + port,
                management + ".authenticate=false",
                management + ".ssl=false",
                "-Djava.rmi.server.hostname=localhost"))
        .containsExactly("true", "true");
  }

  private static int freePort() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return server.getLocalPort();
    }
  }

  private String agent(String arguments) {
    return "-javaagent:" + agent + arguments;
  }

  private List<String> run(Class<?> program, String... flags) throws Exception {
    return ChildJvm.run(directory, program, flags);
  }
}
