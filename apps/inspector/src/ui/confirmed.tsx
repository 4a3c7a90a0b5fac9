// A button whose deed is done only after a dialog: what will happen is said there, and what came of it.

import { useState, type ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Modal, ModalOverlay } from 'react-aria-components';

interface ConfirmedProps {
  /** On the button, and of the dialog's own. */
  readonly label: string;
  readonly title: string;
  readonly children: ReactNode;
  readonly isDangerous?: boolean;
  readonly isDisabled?: boolean;
  /** Whether what was entered can be done. */
  readonly isReady?: boolean;
  readonly act: () => Promise<void>;
}

export function Confirmed({ label, title, children, isDangerous = false, isDisabled = false, isReady = true, act }: ConfirmedProps) {
  const [isActing, setActing] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const carryOut = async (close: () => void): Promise<void> => {
    setActing(true);
    try {
      await act();
      close();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
    setActing(false);
  };
  return (
    <DialogTrigger onOpenChange={() => setProblem(null)}>
      <Button className={`button quiet ${isDangerous ? 'danger' : ''}`} isDisabled={isDisabled}>
        {label}
      </Button>
      <ModalOverlay className="overlay" isDismissable>
        <Modal className="modal">
          <Dialog className="dialog" role="alertdialog">
            {({ close }) => (
              <>
                <Heading slot="title" level={2}>
                  {title}
                </Heading>
                <div className="dialog-text">{children}</div>
                {problem === null ? null : (
                  <p className="note bad" role="alert">
                    {problem}
                  </p>
                )}
                <div className="dialog-actions">
                  <Button className="button quiet" onPress={close}>
                    Cancel
                  </Button>
                  <Button
                    className={`button ${isDangerous ? 'danger-strong' : 'primary'}`}
                    isDisabled={isActing || !isReady}
                    onPress={() => void carryOut(close)}
                  >
                    {label.replace('…', '')}
                  </Button>
                </div>
              </>
            )}
          </Dialog>
        </Modal>
      </ModalOverlay>
    </DialogTrigger>
  );
}
