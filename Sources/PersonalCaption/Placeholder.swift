enum PersonalCaptionPlaceholder {}
