package io.nioring.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.nioring.internal.platform.ChildJvm;
import io.nioring.route.Mode;
import io.nioring.testkit.Rounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * While memory, descriptors or threads are short, or two of these at once, streams may fail, but
 * what arrives is right, and when there is enough again all go on, and nothing is left at the end.
 * Each in a JVM of its own. {@code KERNEL} is no mode of these: without descriptors the platform's
 * asynchronous channels may lock up.
 */
@Tag("stress")
@Timeout(150)
class ShortageSoakTest {
  private static final int SECONDS = Rounds.of("test.soak.seconds", 2, 3_600);
  private static final int LONGEST_SECONDS = SECONDS + 130;
  private static final int MOST_THREADS = 150;

  /** Runs what follows as a user whom nobody else is, with so many threads at most. */
  private static final String AS_ANOTHER =
      "setpriv --clear-groups --inh-caps=+dac_override --ambient-caps=+dac_override --reuid="
          + (1_000_000 + ProcessHandle.current().pid())
          + " prlimit --nproc="
          + MOST_THREADS
          + " ";

  private static final String EXECUTE = "exec \"$@\"";
  private static final String EXECUTE_AS_ANOTHER = "exec " + AS_ANOTHER + "\"$@\"";
  private static final String FEW_DESCRIPTORS = "ulimit -n 200; ";
  private static final List<String> DIRECT_MEMORY = List.of("-XX:MaxDirectMemorySize=6m");
  private static final List<String> HEAP = List.of("-Xmx48m", "-XX:-DoEscapeAnalysis");
  private static final List<String> THREADS = List.of("-Xlog:os+thread=off");

  @TempDir private static Path directory;

  private static String classPath;

  @BeforeAll
  static void packClasses() throws IOException {
    classPath = ChildJvm.classPathOfJars(directory);
  }

  @ParameterizedTest
  @CsvSource({"RING", "HYBRID"})
  void memory(Mode mode) throws Exception {
    soak(mode, EXECUTE, DIRECT_MEMORY, SoakShortage.MEMORY);
  }

  /**
   * In long runs alone, since a class whose initialization finds no heap is lost to its JVM. The
   * platform's asynchronous channels end there, so that {@code KERNEL} is no mode of this either.
   *
   * <p>Without escape analysis: a compiled method that has to be left for the interpreter, and
   * finds no heap for the objects that it had replaced by scalars, is removed from the stack
   * without its handlers, so that a lock of {@code java.util.concurrent} that its {@code finally}
   * releases stays taken for ever. A few lines without this library show it, on JDK 17 and 25.
   */
  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("modesOfLongRuns")
  void heap(Mode mode) throws Exception {
    soak(mode, EXECUTE, HEAP, SoakShortage.HEAP);
  }

  @ParameterizedTest
  @CsvSource({"RING", "HYBRID"})
  void descriptors(Mode mode) throws Exception {
    soak(mode, FEW_DESCRIPTORS + EXECUTE, List.of(), SoakShortage.DESCRIPTORS);
  }

  /**
   * The kernel counts the threads of each user, and none of the first one's: so this is run by that
   * user, as another one that may read what he may. Who cannot become another one runs none.
   */
  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("modesWithFewThreads")
  void threads(Mode mode) throws Exception {
    soak(mode, EXECUTE_AS_ANOTHER, THREADS, SoakShortage.THREADS);
  }

  @ParameterizedTest
  @CsvSource({"RING", "HYBRID"})
  void memoryAndDescriptors(Mode mode) throws Exception {
    soak(
        mode,
        FEW_DESCRIPTORS + EXECUTE,
        DIRECT_MEMORY,
        SoakShortage.MEMORY,
        SoakShortage.DESCRIPTORS);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("modesOfLongRuns")
  void heapAndDescriptors(Mode mode) throws Exception {
    soak(mode, FEW_DESCRIPTORS + EXECUTE, HEAP, SoakShortage.DESCRIPTORS, SoakShortage.HEAP);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("modesOfLongRuns")
  void heapAndMemory(Mode mode) throws Exception {
    List<String> flags = Stream.of(HEAP, DIRECT_MEMORY).flatMap(List::stream).toList();
    soak(mode, EXECUTE, flags, SoakShortage.MEMORY, SoakShortage.HEAP);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("modesOfLongRunsWithFewThreads")
  void threadsAndMemory(Mode mode) throws Exception {
    List<String> flags = Stream.of(THREADS, DIRECT_MEMORY).flatMap(List::stream).toList();
    soak(mode, EXECUTE_AS_ANOTHER, flags, SoakShortage.THREADS, SoakShortage.MEMORY);
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("modesOfLongRunsWithFewThreads")
  void threadsAndHeap(Mode mode) throws Exception {
    List<String> flags = Stream.of(THREADS, HEAP).flatMap(List::stream).toList();
    soak(mode, EXECUTE_AS_ANOTHER, flags, SoakShortage.THREADS, SoakShortage.HEAP);
  }

  private static List<Mode> modesOfLongRuns() {
    return Rounds.areMany() ? List.of(Mode.RING, Mode.HYBRID) : List.of();
  }

  private static List<Mode> modesWithFewThreads() throws IOException, InterruptedException {
    return mayBecomeAnother() ? List.of(Mode.RING, Mode.HYBRID) : List.of();
  }

  private static List<Mode> modesOfLongRunsWithFewThreads()
      throws IOException, InterruptedException {
    return mayBecomeAnother() ? modesOfLongRuns() : List.of();
  }

  private static boolean mayBecomeAnother() throws IOException, InterruptedException {
    return new ProcessBuilder("sh", "-c", AS_ANOTHER + "true 2>/dev/null").start().waitFor() == 0;
  }

  private static void soak(Mode mode, String shell, List<String> flags, SoakShortage... shortages)
      throws Exception {
    List<String> arguments = new ArrayList<>(List.of(mode.name(), Integer.toString(SECONDS)));
    Stream.of(shortages).map(Enum::name).forEach(arguments::add);
    List<String> lines =
        ChildJvm.command(Soak.class)
            .classPath(classPath)
            .shell(shell)
            .flags("-Xmx64m", "-XX:+UseSerialGC", "-Djava.io.tmpdir=" + directory)
            .flags(flags.toArray(String[]::new))
            .arguments(arguments.toArray(String[]::new))
            .run(directory, LONGEST_SECONDS);
    assertThat(lines).last().as(String.join("\n", lines)).isEqualTo("right");
  }
}
