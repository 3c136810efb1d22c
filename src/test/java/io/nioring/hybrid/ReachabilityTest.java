package io.nioring.hybrid;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A channel that a thread waits in was not dropped, though nobody will use it afterwards. Compiled
 * code keeps nothing that it does not need any more, so what matters here is compiled at once.
 */
class ReachabilityTest {
  private static final List<String> FLAGS =
      List.of(
          OtherJvm.FLAG,
          "-Xcomp",
          "-XX:CompileCommand=quiet",
          "-XX:CompileCommand=compileonly,io.nioring.internal.*::*",
          "-XX:CompileCommand=compileonly," + ReachabilityProgram.class.getName() + "::*");

  @TempDir Path directory;

  @Test
  void readInTheKernelHoldsItsChannel() throws Exception {
    assertThat(run("read")).containsExactly("1");
  }

  @Test
  void writeInTheKernelHoldsItsChannel() throws Exception {
    assertThat(run("write")).containsExactly(Integer.toString(ReachabilityProgram.MANY_BYTES));
  }

  private List<String> run(String what) throws Exception {
    try (OtherJvm program = OtherJvm.start(directory, ReachabilityProgram.class, FLAGS, what)) {
      return program.remainingLines();
    }
  }
}
