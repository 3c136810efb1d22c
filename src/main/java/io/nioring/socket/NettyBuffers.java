package io.nioring.socket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;

/** Tells Netty's own buffers from those of others. */
final class NettyBuffers {
  /** How many bytes at a time a buffer that is not Netty's gets. */
  static final int COPY_BYTES = 8 * 1024;

  private static final String PACKAGE = ByteBuf.class.getPackageName();
  private static final ClassLoader LOADER = ByteBuf.class.getClassLoader();

  /** A composite buffer that does not reveal its parts; the class is not public. */
  private static final String WITH_HIDDEN_PARTS = PACKAGE + ".FixedCompositeByteBuf";

  private NettyBuffers() {}

  /**
   * Whether no code but Netty's runs when the bytes of a buffer are moved. A {@link ByteBuf} may be
   * of any class, or wrap one: such a class could keep the view of ring memory that it is given, or
   * leave part of it unwritten, and so see or send bytes of other connections.
   */
  static boolean isOfNetty(ByteBuf buffer) {
    for (ByteBuf each = buffer; each != null; each = each.unwrap()) {
      if (each.getClass().getClassLoader() != LOADER
          || !each.getClass().getPackageName().equals(PACKAGE)
          || each.getClass().getName().equals(WITH_HIDDEN_PARTS)) {
        return false;
      }
      if (each instanceof CompositeByteBuf composite) {
        return areOfNetty(composite);
      }
    }
    return true;
  }

  private static boolean areOfNetty(CompositeByteBuf composite) {
    for (int i = 0; i < composite.numComponents(); i++) {
      if (!isOfNetty(composite.internalComponent(i))) {
        return false;
      }
    }
    return true;
  }
}
