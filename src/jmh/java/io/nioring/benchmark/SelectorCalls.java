package io.nioring.benchmark;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a selector costs when nothing is ready: both ends of one idle connection are in it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class SelectorCalls {
  @Param({"ring-inet", "tcp"})
  public String transport;

  private Transport opened;
  private Selector selector;
  private ConnectedPair pair;

  @Setup
  public void open() throws IOException {
    opened = Transport.open(transport);
    selector = opened.openSelector();
    pair = opened.connectPair().nonBlocking();
    pair.client().register(selector, SelectionKey.OP_READ);
    pair.server().register(selector, SelectionKey.OP_READ);
  }

  @TearDown
  public void close() throws IOException {
    Resources.closeAll(pair, selector, opened);
  }

  @Benchmark
  public int selectNow() throws IOException {
    return selector.selectNow();
  }

  @Benchmark
  public int wakeupThenSelect() throws IOException {
    selector.wakeup();
    return selector.select();
  }
}
