package io.nioring.unix;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.RingNetwork;
import io.nioring.socket.ReceivedMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The same script on a socket pair of the kernel's and on a ring: each step's result is the same,
 * and no descriptor is left open.
 */
@Timeout(180)
class UnixKernelComparisonTest {
  private static final int FILES = 4;

  @TempDir private Path directory;
  private final int[] files = new int[FILES];
  private RingNetwork network;

  /** One step of a script. */
  @FunctionalInterface
  private interface Step {
    String on(ScriptPair pair) throws IOException;
  }

  @BeforeEach
  void openFiles() throws IOException {
    assertThat(System.getProperty("os.name").toLowerCase(Locale.ROOT))
        .as("the oracle is Linux")
        .contains("linux");
    assertThat(Kernel.POSIX.isNative()).isTrue();
    directory = directory.toRealPath();
    for (int i = 0; i < FILES; i++) {
      files[i] = Kernel.open(Files.createFile(directory.resolve("file" + i)));
    }
    network = RingNetwork.open();
  }

  @AfterEach
  void closeFiles() throws IOException {
    network.close();
    for (int fd : files) {
      Kernel.close(fd);
    }
    assertThat(Kernel.openIn(directory)).isZero();
  }

  private void compare(Step... steps) throws IOException {
    List<String> onKernel = run(new ScriptPair.OfKernel(), List.of(steps));
    List<String> onRing = run(new ScriptPair.OfRing(network), List.of(steps));
    assertThat(onRing).isEqualTo(onKernel);
  }

  private List<String> run(ScriptPair pair, List<Step> steps) throws IOException {
    List<String> results = new ArrayList<>();
    try (pair) {
      for (Step step : steps) {
        results.add(step.on(pair));
      }
    }
    assertThat(Kernel.openIn(directory)).as("descriptors open at the end").isEqualTo(FILES);
    return results;
  }

  @Test
  void boundariesOfMessagesWithDescriptors() throws IOException {
    compare(
        pair -> pair.send(0, "A", files[0]),
        pair -> pair.send(0, "B"),
        pair -> pair.send(0, "C", files[1], files[2]),
        pair -> pair.send(0, "D"),
        pair -> pair.receive(1, 100, 8, false),
        pair -> pair.receive(1, 100, 8, false),
        pair -> pair.receive(1, 100, 8, false),
        pair -> pair.receive(1, 100, 8, false));
  }

  @Test
  void shortReceives() throws IOException {
    compare(
        pair -> pair.send(0, "abc", files[0]),
        pair -> pair.send(0, "def"),
        pair -> pair.send(0, "ghi", files[1]),
        pair -> pair.receive(1, 1, 8, false),
        pair -> pair.receive(1, 3, 8, false),
        pair -> pair.receive(1, 100, 8, false),
        pair -> pair.receive(1, 100, 8, false));
  }

  @Test
  void noRoomForDescriptors() throws IOException {
    compare(
        pair -> pair.send(0, "abc", files[0]),
        pair -> pair.send(0, "def", files[0], files[1], files[2], files[3]),
        pair -> pair.receive(1, 100, 0, false),
        pair -> pair.receive(1, 100, 2, false),
        pair -> pair.receive(1, 100, 2, false));
  }

  @Test
  void peeks() throws IOException {
    compare(
        pair -> pair.send(0, "ab"),
        pair -> pair.send(0, "cd", files[0]),
        pair -> pair.send(0, "ef"),
        pair -> pair.receive(1, 1, 8, true),
        pair -> pair.receive(1, 100, 8, true),
        pair -> pair.receive(1, 100, 0, true),
        pair -> pair.receive(1, 3, 8, false),
        pair -> pair.receive(1, 100, 8, true),
        pair -> pair.receive(1, 100, 8, false));
  }

  @Test
  void aSendOfNoBytes() throws IOException {
    compare(
        pair -> pair.send(0, "", files[0]),
        pair -> pair.poll(1),
        pair -> pair.send(0, "a"),
        pair -> pair.receive(1, 100, 8, false));
  }

  @Test
  void descriptorsInFlightWhenTheReceivingEndCloses() throws IOException {
    compare(
        pair -> pair.send(0, "a", files[0], files[1]),
        pair -> pair.closeEnd(1),
        pair -> pair.poll(0),
        pair -> pair.receive(0, 100, 8, false),
        pair -> pair.send(0, "b", files[0]),
        pair -> pair.poll(0),
        pair -> pair.receive(0, 100, 8, false));
  }

  @Test
  void descriptorsInFlightWhenTheSendingEndCloses() throws IOException {
    compare(
        pair -> pair.send(0, "a", files[0]),
        pair -> pair.closeEnd(0),
        pair -> pair.poll(1),
        pair -> pair.receive(1, 100, 8, true),
        pair -> pair.receive(1, 100, 8, false),
        pair -> pair.receive(1, 100, 8, false));
  }

  @Test
  void halfCloses() throws IOException {
    compare(
        pair -> pair.poll(0),
        pair -> pair.send(0, "a", files[0]),
        pair -> pair.shutOutput(0),
        pair -> pair.poll(0),
        pair -> pair.poll(1),
        pair -> pair.send(0, "b", files[0]),
        pair -> pair.receive(1, 100, 8, false),
        pair -> pair.receive(1, 100, 8, false),
        pair -> pair.poll(1),
        pair -> pair.send(1, "c", files[1]),
        pair -> pair.shutInput(0),
        pair -> pair.poll(0),
        pair -> pair.poll(1),
        pair -> pair.send(1, "d"),
        pair -> pair.receive(0, 100, 8, false),
        pair -> pair.receive(0, 100, 8, false));
  }

  @Test
  void anInputShutByItself() throws IOException {
    compare(
        pair -> pair.send(0, "a"),
        pair -> pair.shutInput(1),
        pair -> pair.poll(0),
        pair -> pair.poll(1),
        pair -> pair.send(0, "b", files[0]),
        pair -> pair.receive(1, 100, 8, false),
        pair -> pair.receive(1, 100, 8, false),
        pair -> pair.shutOutput(1),
        pair -> pair.poll(0),
        pair -> pair.poll(1));
  }

  static LongStream seeds() {
    return LongStream.concat(LongStream.range(0, 40), LongStream.of(System.nanoTime()));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void aRandomScript(long seed) throws IOException {
    compare(randomScript(new Random(seed)));
  }

  private Step[] randomScript(Random random) {
    boolean[] closed = new boolean[2];
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int end = random.nextInt(2);
      if (!closed[end]) {
        steps.add(randomStep(random, end, closed));
      }
    }
    return steps.toArray(Step[]::new);
  }

  private Step randomStep(Random random, int end, boolean[] closed) {
    int kind = random.nextInt(100);
    if (kind < 35) {
      String text = "abcdefghij".substring(10 - random.nextInt(11));
      int[] passed = random.ints(random.nextInt(4), 0, FILES).map(i -> files[i]).toArray();
      return pair -> pair.send(end, text, passed);
    } else if (kind < 80) {
      int size = 1 + random.nextInt(12);
      int room = 2 * random.nextInt(4); // even, as the alignment of control messages has it
      boolean peek = random.nextInt(3) == 0;
      return pair -> pair.receive(end, size, room, peek);
    } else if (kind < 96) {
      return pair -> pair.poll(end);
    } else if (kind < 98) {
      return kind == 96 ? pair -> pair.shutInput(end) : pair -> pair.shutOutput(end);
    }
    closed[end] = true;
    return pair -> pair.closeEnd(end);
  }

  @Test
  void passedCredentialsAreTheSendersIds() throws IOException {
    int[] fds = Kernel.socketPair();
    Kernel.passCredentials(fds[1]);
    assertThat(Kernel.send(fds[0], "a")).isEqualTo(1);
    ByteBuffer ucred = Kernel.receive(fds[1], 10, 12, false).credentials();
    Kernel.close(fds[0]);
    Kernel.close(fds[1]);

    try (Pair pair = Pair.open()) {
      pair.rightSocket.passCredentials(true);
      pair.send("a");
      ReceivedMessage got = pair.receive(10).message();
      var sender = got.ancillary().credentials().orElseThrow();
      ucred.order(ByteOrder.nativeOrder());
      assertThat(sender.pid()).isEqualTo(ucred.getInt());
      assertThat(sender.uid()).isEqualTo(Integer.toUnsignedLong(ucred.getInt()));
      assertThat(sender.gid()).isEqualTo(Integer.toUnsignedLong(ucred.getInt()));
    }
  }
}
