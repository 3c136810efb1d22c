package io.nioring.stress;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.nioring.internal.stream.MessageTransfer;
import io.nioring.socket.ByteTarget;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/**
 * A plain byte, then a byte that carries a right. The figures are the bytes and the rights of a
 * receive with room for both, and the rights of what was left.
 */
@JCStressTest
@Outcome(
    id = {"0, 0, 1", "1, 0, 1", "2, 1, 0"},
    expect = ACCEPTABLE,
    desc = "the right came with its byte")
@Outcome(expect = FORBIDDEN, desc = "a byte without its right, or the other way round")
@State
public class RightsWithTheirByte {
  private final Pair pair = new Pair();
  private final CountingChannel channel = new CountingChannel();

  @Actor
  public void sender() {
    pair.writeOne(pair.first);
    pair.sendOne(pair.first, channel);
  }

  @Actor
  public void receiver(III_Result result) {
    pair.second.lockRead();
    try {
      result.r1 =
          MessageTransfer.receive(pair.second, ByteTarget.of(ByteBuffer.allocate(2)), false);
      result.r2 = rightsReceived(result.r1);
    } catch (IOException e) {
      result.r1 = Pair.RESET;
    } finally {
      pair.second.unlockRead();
    }
  }

  private int rightsReceived(int count) {
    return MessageTransfer.received(pair.second, count, 9).ancillary().rights().size();
  }

  @Arbiter
  public void afterwards(III_Result result) {
    pair.second.lockRead();
    try {
      int count =
          MessageTransfer.receive(pair.second, ByteTarget.of(ByteBuffer.allocate(2)), false);
      result.r3 = rightsReceived(count);
    } catch (IOException e) {
      result.r3 = Pair.RESET;
    } finally {
      pair.second.unlockRead();
    }
    pair.close();
  }
}
