package io.nioring.internal.copy;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Buffers that are more than once in an array, such as a separator between the parts of a message.
 *
 * <p>A gathering write takes what remained of each of its buffers when it was called ({@link
 * java.nio.channels.GatheringByteChannel}), so that the bytes of a repeated one go as often as it
 * is in the array, although it has only one position.
 */
public final class RepeatedBuffers {
  /** Up to this number, the usual one, each is compared with each, which takes no memory. */
  private static final int FEW = 16;

  private RepeatedBuffers() {}

  /**
   * Gives each further occurrence of a source a position of its own.
   *
   * @param srcs the buffers, of which any may be null
   * @param from the first of them
   * @param to the end of them
   * @return the same array if no buffer is repeated, otherwise a copy
   */
  public static ByteBuffer[] separated(ByteBuffer[] srcs, int from, int to) {
    return isRepeated(srcs, from, to) ? copy(srcs, from, to, ByteBuffer::duplicate) : srcs;
  }

  /**
   * Takes the room from each further occurrence of a target: the first one fills it.
   *
   * @return the same array if no buffer is repeated, otherwise a copy
   */
  public static ByteBuffer[] filledOnce(ByteBuffer[] dsts) {
    int end = dsts.length;
    return isRepeated(dsts, 0, end) ? copy(dsts, 0, end, dst -> ByteBuffer.allocate(0)) : dsts;
  }

  @SuppressWarnings("ReferenceEquality") // equal ones with bytes of their own may be there
  private static boolean isRepeated(ByteBuffer[] all, int from, int to) {
    if (to - from > FEW) {
      Set<ByteBuffer> seen = identities(to - from);
      return !canAddAll(seen, all, from, to);
    }
    for (int i = from + 1; i < to; i++) {
      for (int j = from; j < i; j++) {
        if (all[i] == all[j] && all[i] != null) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean canAddAll(Set<ByteBuffer> seen, ByteBuffer[] all, int from, int to) {
    for (int i = from; i < to; i++) {
      if (all[i] != null && !seen.add(all[i])) {
        return false;
      }
    }
    return true;
  }

  private static Set<ByteBuffer> identities(int expected) {
    return Collections.newSetFromMap(new IdentityHashMap<>(expected));
  }

  private static ByteBuffer[] copy(
      ByteBuffer[] all, int from, int to, UnaryOperator<ByteBuffer> ofFurther) {
    ByteBuffer[] copy = all.clone();
    Set<ByteBuffer> seen = identities(to - from);
    for (int i = from; i < to; i++) {
      if (all[i] != null && !seen.add(all[i])) {
        copy[i] = ofFurther.apply(all[i]);
      }
    }
    return copy;
  }
}
