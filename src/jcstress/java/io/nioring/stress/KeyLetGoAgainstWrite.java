package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.nioring.RingNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * A key that a selector lets go, since its channel is not ready, is selected if the channel becomes
 * ready at that moment: the writer finds the key not queued, or the selector finds the bytes.
 */
@JCStressTest
@Outcome(id = "1", expect = ACCEPTABLE, desc = "selected")
@Outcome(expect = FORBIDDEN, desc = "the wake-up was lost")
@State
public class KeyLetGoAgainstWrite {
  private static final int LOOKS_UNTIL_LET_GO = 9;
  private static final RingNetwork NETWORK = RingNetwork.open();

  private final Pipe pipe;
  private final Selector selector;

  /** A step on the channels, none of which is expected to fail. */
  private interface Step {
    int run() throws IOException;
  }

  private static int run(Step step) {
    try {
      return step.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the key a candidate that is not ready. */
  @SuppressWarnings("this-escape") // nobody extends it
  public KeyLetGoAgainstWrite() {
    try {
      pipe = NETWORK.provider().openPipe();
      selector = NETWORK.provider().openSelector();
      pipe.source().configureBlocking(false);
      pipe.source().register(selector, SelectionKey.OP_READ);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    writer();
    run(selector::selectNow);
    run(() -> pipe.source().read(ByteBuffer.allocate(1)));
    selector.selectedKeys().clear();
  }

  @Actor
  public void writer() {
    run(() -> pipe.sink().write(ByteBuffer.allocate(1)));
  }

  @Actor
  public void selectingThread() {
    for (int i = 0; i < LOOKS_UNTIL_LET_GO; i++) {
      run(selector::selectNow);
    }
  }

  @Arbiter
  public void afterwards(I_Result result) {
    selector.selectedKeys().clear();
    result.r1 = run(selector::selectNow);
    run(this::close);
  }

  private int close() throws IOException {
    selector.close();
    pipe.source().close();
    pipe.sink().close();
    return 0;
  }
}
